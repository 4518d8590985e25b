/**
 * The share link: a shared run in the URL's fragment, which no server sees. `#share=` holds it in few bytes (compact.ts), so that a
 * network of 160 layers with widths of its own for each fits into 2,000 characters, which messengers and QR codes still take: what a link
 * is too long for is said more coarsely, step by step. Older links stay readable: `#lab=` holds deflated JSON, `#run=` is the form of recipe
 * version 1, compressed by lz-string, which is loaded only when such a link comes. A link is a stranger's data: its length
 * and what it unpacks to are bounded.
 */

import { BadInput } from "../../base/errors";
import { z } from "../../base/zod";
import { parseRecipe } from "../recipe/schema";
import { arithmeticOf } from "./arithmetic";
import { fromBytes, toBytes } from "./compact";
import { fingerprintSchema } from "./fingerprint-schema";
import { inflateText } from "./inflate";
import { coarseLosses, exactLosses } from "./losses";
import type { SharedRun } from "./shared";
import { packWidths } from "./widths";

const KEYS = { compact: "share=", deflated: "lab=", version1: "run=" } as const;

/** Characters of a link, and of the JSON in it. A version 1 link of the first length cannot unpack to much more than the second. */
const [MOST_LINK, MOST_TEXT] = [16_000, 2 ** 20];

/** Characters that a link should stay below, its page's address among them. */
export const WANTED_LINK = 2000;

const deflated = z.object({
  recipe: z.unknown(),
  fingerprint: fingerprintSchema.nullable().default(null),
  arithmetic: z.int().min(1).optional(),
});

/**
 * The link to a shared run, shorter than WANTED_LINK wherever that is possible.
 * @param page the page's address; a fragment of its own is replaced
 * @param layers names of all layers of the network; null where it is not at hand
 * @throws BadInput where a recipe names so many layers that no link holds it
 */
export function writeLink(page: string, run: SharedRun, layers: readonly string[] | null): string {
  const written = (form: SharedRun, losses: ReturnType<typeof exactLosses> | null) =>
    `${page.split("#")[0]}#${KEYS.compact}${toBase64(toBytes(form, losses))}`;
  const { fingerprint } = run;
  const exact = fingerprint && exactLosses(fingerprint.losses);
  const packed = layers && !run.widths ? packWidths(run.recipe, layers) : null;
  const shorter = packed ? { ...run, ...packed } : run;
  const coarse = ([16, 8] as const).flatMap((bits) => (fingerprint && coarseLosses(fingerprint.losses, bits)) ?? []);
  let link = written(run, exact);
  for (const losses of [exact, ...coarse]) {
    if (link.length < WANTED_LINK) return link;
    link = written(shorter, losses);
  }
  if (link.length - page.length > MOST_LINK)
    throw new BadInput("The recipe gives widths by so many names and patterns that no link holds them; share it as a file instead.");
  return link;
}

/** Whether a URL's fragment holds a shared run, of whatever age. */
export function isShared(fragment: string): boolean {
  return keyOf(fragment.replace(/^#/, "")) !== null;
}

const keyOf = (text: string) => Object.values(KEYS).find((key) => text.startsWith(key)) ?? null;

/** The run in a URL's fragment; null if there is none. @throws BadInput if it is damaged or too long */
export async function readLink(fragment: string): Promise<SharedRun | null> {
  const text = fragment.replace(/^#/, "");
  const key = keyOf(text);
  if (!key) return null;
  if (text.length > MOST_LINK)
    throw new BadInput(`The link is ${text.length} characters long; links of the lab have at most ${MOST_LINK}. Ask for the link again.`);
  const content = text.slice(key.length);
  try {
    if (key === KEYS.compact) return fromBytes(fromBase64(content));
    return older(JSON.parse(key === KEYS.deflated ? inflateText(fromBase64(content), MOST_TEXT) : await decompress(content)));
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw new BadInput("The link's recipe is incomplete or damaged; ask for the link again.");
  }
}

function older(value: unknown): SharedRun {
  const { recipe, fingerprint, arithmetic } = deflated.parse(value);
  return {
    recipe: parseRecipe(recipe, "The link's recipe"),
    ...{ fingerprint, lossError: 0, arithmetic: arithmeticOf({ arithmetic }), headline: null, widths: null },
  };
}

function toBase64(bytes: Uint8Array): string {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

async function decompress(text: string): Promise<string> {
  const { default: lz } = await import("lz-string");
  const value = lz.decompressFromEncodedURIComponent(text) ?? "";
  if (value.length > MOST_TEXT) throw new Error("The link unpacks to too much");
  return value;
}
