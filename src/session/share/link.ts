/** The share link: a recipe and the fingerprint of its result in the URL's fragment, which no server sees. */
import lz from "lz-string";
import { z } from "zod";
import { BadInput } from "../../base/errors";
import { parseRecipe, type Recipe } from "../recipe/recipe";
import type { Fingerprint } from "../run/report";

const KEY = "run=";

const fingerprintSchema = z.strictObject({
  top1: z.number().nullable(),
  agreement: z.number(),
  losses: z.array(z.number()).max(10000),
  rounding: z.string().regex(/^[0-9a-f]{64}$/),
});

export interface SharedRun {
  readonly recipe: Recipe;
  readonly fingerprint: Fingerprint | null;
}

export function writeLink(page: string, run: SharedRun): string {
  return `${page.split("#")[0]}#${KEY}${lz.compressToEncodedURIComponent(JSON.stringify(run))}`;
}

/** The run in a URL's fragment; null if there is none; BadInput if it is broken. */
export function readLink(fragment: string): SharedRun | null {
  const text = fragment.replace(/^#/, "");
  if (!text.startsWith(KEY)) return null;
  const broken = new BadInput("The link's recipe is incomplete or damaged; ask for the link again.");
  let value: { recipe?: unknown; fingerprint?: unknown };
  try {
    value = JSON.parse(lz.decompressFromEncodedURIComponent(text.slice(KEY.length)) ?? "");
  } catch {
    throw broken;
  }
  if (typeof value !== "object" || value === null) throw broken;
  const fingerprint = fingerprintSchema.nullable().safeParse(value.fingerprint ?? null);
  if (!fingerprint.success) throw broken;
  return { recipe: parseRecipe(value.recipe, "The link's recipe"), fingerprint: fingerprint.data };
}
