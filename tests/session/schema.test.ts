/**
 * The recipe's published JSON schema. Editors read the committed file, the program checks recipes with its own; a field
 * that only one of them knows would be marked as wrong in the one and accepted in the other. The file is written by
 * scripts/write-schema.mjs, which a change of the recipe makes easy to forget.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { recipeJsonSchema } from "../../src/session/recipe/schema";

test("public/recipe.schema.json is what the recipe says now; if not, run npm run build:schema", () => {
  const published = readFileSync(new URL("../../public/recipe.schema.json", import.meta.url), "utf8");
  expect(published).toBe(`${JSON.stringify(recipeJsonSchema(), null, 2)}\n`);
});
