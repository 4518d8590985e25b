/** The arithmetic of version 1, by the recipes that version 1 itself computed: the same bits. */
import { expect, test } from "vitest";
import { fingerprintOf, recorded } from "../support/fingerprints";

for (const { name, recipe, fingerprint } of recorded("fingerprints.json"))
  if (recipe.device === "wasm")
    test(name, async () => {
      expect(await fingerprintOf(recipe)).toEqual(fingerprint);
    });
