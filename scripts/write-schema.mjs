/** Publishes the recipe's JSON schema as public/recipe.schema.json. */
import { mkdirSync, writeFileSync } from "node:fs";
import { rolldown } from "rolldown";

const bundle = await rolldown({ input: "src/session/recipe/schema.ts", platform: "node", logLevel: "silent" });
mkdirSync("dist", { recursive: true });
await bundle.write({ file: "dist/recipe.mjs", format: "esm" });
const { recipeJsonSchema } = await import(new URL("../dist/recipe.mjs", import.meta.url).href);
writeFileSync("public/recipe.schema.json", `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`);
