/**
 * Recipes and links, random and mutated: what is whole comes back as it was, and what is not is refused in a sentence that says
 * where and why, within the limits of support/limits.ts. Nothing else is ever thrown, so nothing can take the page with it.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Recipe } from "../../src/session/recipe/recipe";
import { parseRecipe } from "../../src/session/recipe/schema";
import { ARITHMETIC_VERSION } from "../../src/session/share/arithmetic";
import { readLink, writeLink } from "../../src/session/share/link";
import { sharedRecipe } from "../../src/session/share/shared";
import { attempt } from "./limits";
import { recipes } from "./recipes";

const SEED = 20;
const json = (recipe: Recipe): Record<string, unknown> => JSON.parse(JSON.stringify(recipe));
const linkOf = (recipe: Recipe) => writeLink("https://lab/", sharedRecipe(recipe, ARITHMETIC_VERSION), null);
const fragment = (link: string) => link.slice(link.indexOf("#") + 1);

/** Every field of a recipe, at whatever depth, as the object that holds it and its name there. */
function places(holder: Record<string, unknown>): [Record<string, unknown>, string][] {
  return Object.entries(holder).flatMap(([key, value]) => [
    [holder, key] as [Record<string, unknown>, string],
    ...(typeof value === "object" && value !== null ? places(value as Record<string, unknown>) : []),
  ]);
}

const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, -1, 0, 1e300, "", "x".repeat(20_000), [], {}, [[[]]], true, 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY),
);

/** A recipe with one to four fields replaced, removed, added or put elsewhere. */
const damaged = fc
  .tuple(recipes, fc.array(fc.tuple(fc.nat(), fc.nat(3), anything, fc.string({ maxLength: 20 })), { minLength: 1, maxLength: 4 }))
  .map(([recipe, changes]) => {
    const copy = json(recipe);
    for (const [at, how, value, key] of changes) {
      const all = places(copy);
      const found = all[at % all.length];
      if (!found) continue;
      const [holder, name] = found;
      if (how === 0) delete holder[name];
      else if (how === 1) holder[key || "?"] = value;
      else if (how === 2) holder[name] = all[(at * 7 + 3) % all.length]?.[0][name];
      else holder[name] = value;
    }
    return copy;
  });

/** The characters of a link cut, changed, doubled, or others altogether after the key. */
const damagedLink = fc
  .tuple(
    recipes,
    fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 12 })), { minLength: 1, maxLength: 4 }),
  )
  .map(([recipe, changes]) => {
    let text = fragment(linkOf(recipe));
    for (const [place, how, characters] of changes) {
      const at = place % (text.length + 1);
      if (how === 0) text = text.slice(0, at);
      else if (how === 1) text = text.slice(0, at) + characters + text.slice(at + characters.length);
      else if (how === 2) text = text.slice(0, at) + text.slice(at / 2) + text.slice(at);
      else if (how === 3) text = `${["share=", "lab=", "run="][place % 3]}${characters}${text.slice(at)}`;
      else text = text.slice(0, at) + text.slice(at + 1);
    }
    return text;
  });

/** @param share of the ten thousand */
export function testProperties(share: number): void {
  test("every recipe comes back from its file and from its link as it was", async () => {
    const property = fc.asyncProperty(recipes, async (recipe) => {
      expect(parseRecipe(json(recipe), "recipe.json")).toEqual(recipe);
      const link = linkOf(recipe);
      const back = (await readLink(fragment(link)))?.recipe;
      // What changes no result is the reader's own.
      const { threads: _threads, memory: _memory, ...own } = recipe;
      expect(back).toMatchObject(own);
    });
    await fc.assert(property, { seed: SEED, numRuns: 3000 * share });
  });

  test("a damaged recipe is read or refused, with its file's name", async () => {
    let refused = 0;
    const property = fc.asyncProperty(damaged, async (recipe) => {
      const outcome = await attempt("recipe.json", () => parseRecipe(recipe, "recipe.json"));
      refused += Number(outcome.refused);
      expect(outcome.fault).toBeNull();
    });
    await fc.assert(property, { seed: SEED, numRuns: 4000 * share });
    // Most damages are none that a recipe could live with.
    expect(refused).toBeGreaterThan(2000 * share);
  });

  test("a damaged link is read, refused with a reason, or no link of the lab's at all", async () => {
    let refused = 0;
    const property = fc.asyncProperty(damagedLink, async (text) => {
      const outcome = await attempt(/link/i, async () => {
        const shared = await readLink(text);
        // What is read is a whole recipe.
        if (shared) parseRecipe(json(shared.recipe), "link");
      });
      refused += Number(outcome.refused);
      expect(outcome.fault).toBeNull();
    });
    await fc.assert(property, { seed: SEED, numRuns: 3000 * share });
    expect(refused).toBeGreaterThan(1000 * share);
  });
}
