/**
 * The arithmetic of version 1: a recipe of every method and of every kind of loss gives the bits of then. They change only where
 * the arithmetic changes on purpose, and then the arithmetic version rises too. These are the recipes of arithmetic.verify.ts, which version 1
 * itself computed, with fewer images and iterations; recorded by a lab that gave version 1's bits for those.
 */
import { expect, test } from "vitest";
import { fingerprintOf, recorded } from "../support/fingerprints";

for (const { name, recipe, fingerprint } of recorded("fingerprints-few.json"))
  test(name, async () => {
    expect(await fingerprintOf(recipe)).toEqual(fingerprint);
  });
