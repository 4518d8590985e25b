/**
 * The share link: a recipe, the fingerprint of its result and the arithmetic version in the URL's fragment, which no
 * server sees. `#lab=` holds deflated JSON; `#run=` is the form of recipe version 1, compressed by lz-string, which is
 * loaded only when such a link comes. A link is a stranger's data: its length and what it unpacks to are bounded.
 */

import { deflateSync, Inflate } from "fflate";
import { BadInput } from "../../base/errors";
import { z } from "../../base/zod";
import type { Recipe } from "../recipe/recipe";
import { parseRecipe } from "../recipe/schema";
import { arithmeticOf } from "./arithmetic";
import { type Fingerprint, fingerprintSchema } from "./fingerprint";

const KEY = "lab=";
const VERSION_1_KEY = "run=";

/** Characters of a link, and of the JSON in it. A version 1 link of the first length cannot unpack to much more than the second. */
const [MOST_LINK, MOST_TEXT] = [16_000, 2 ** 20];

export interface SharedRun {
  readonly recipe: Recipe;
  readonly fingerprint: Fingerprint | null;
  /** The arithmetic version of the fingerprint. */
  readonly arithmetic: number;
}

const schema = z.object({
  recipe: z.unknown(),
  fingerprint: fingerprintSchema.nullable().default(null),
  arithmetic: z.int().min(1).optional(),
});

export function writeLink(page: string, run: SharedRun): string {
  const bytes = deflateSync(new TextEncoder().encode(JSON.stringify(run)), { level: 9 });
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return `${page.split("#")[0]}#${KEY}${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** The run in a URL's fragment; null if there is none. @throws BadInput if it is damaged or too long */
export async function readLink(fragment: string): Promise<SharedRun | null> {
  const text = fragment.replace(/^#/, "");
  const key = [KEY, VERSION_1_KEY].find((one) => text.startsWith(one));
  if (!key) return null;
  if (text.length > MOST_LINK)
    throw new BadInput(`The link is ${text.length} characters long; links of the lab have at most ${MOST_LINK}. Ask for the link again.`);
  const broken = new BadInput("The link's recipe is incomplete or damaged; ask for the link again.");
  let value: unknown;
  try {
    value = JSON.parse(key === KEY ? inflate(text.slice(key.length)) : await decompress(text.slice(key.length)));
  } catch {
    throw broken;
  }
  const result = schema.safeParse(value);
  if (!result.success) throw broken;
  const { recipe, fingerprint } = result.data;
  return { recipe: parseRecipe(recipe, "The link's recipe"), fingerprint, arithmetic: arithmeticOf(result.data) };
}

function inflate(text: string): string {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const parts: Uint8Array[] = [];
  let length = 0;
  let whole = false;
  const stream = new Inflate((part, final) => {
    length += part.length;
    if (length > MOST_TEXT) throw new Error("The link unpacks to too much");
    parts.push(part);
    whole ||= final;
  });
  // Small pieces, so that the length is looked at before much is unpacked.
  for (let at = 0; at < bytes.length; at += 64) stream.push(bytes.subarray(at, at + 64), at + 64 >= bytes.length);
  if (!whole) throw new Error("The link breaks off");
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(all);
}

async function decompress(text: string): Promise<string> {
  const { default: lz } = await import("lz-string");
  const value = lz.decompressFromEncodedURIComponent(text) ?? "";
  if (value.length > MOST_TEXT) throw new Error("The link unpacks to too much");
  return value;
}
