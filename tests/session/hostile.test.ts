/** 200 damaged recipes and links, and some made to take all time and memory: read, or refused as bad input, within 2 s and 500 MB. */
import { deflateSync } from "fflate";
import { expect, test } from "vitest";
import { Random } from "../../src/base/random";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { parseRecipe } from "../../src/session/recipe/schema";
import { readLink, writeLink } from "../../src/session/share/link";
import { sharedRecipe } from "../../src/session/share/shared";
import { attempt } from "../support/limits";

const COUNT = 200;
const VALUES: readonly unknown[] = [null, -1, 1e300, Number.NaN, "", "x".repeat(100_000), [], {}, [[[]]], true, { kind: "builtin" }, 2 ** 60];

/** One field, at whatever depth, replaced. */
function damaged(random: Random): unknown {
  const recipe = JSON.parse(JSON.stringify(demoRecipe())) as Record<string, unknown>;
  const places: [Record<string, unknown>, string][] = [];
  const walk = (holder: Record<string, unknown>) => {
    for (const [key, value] of Object.entries(holder)) {
      places.push([holder, key]);
      if (typeof value === "object" && value !== null) walk(value as Record<string, unknown>);
    }
  };
  walk(recipe);
  const [holder, key] = places[random.below(places.length)] as (typeof places)[number];
  holder[random.below(5) === 0 ? `${key}?` : key] = VALUES[random.below(VALUES.length)];
  return recipe;
}

async function faults(count: number, name: string, read: (i: number) => unknown): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < count; i++) {
    const { fault } = await attempt(name, () => read(i));
    if (fault) found.push(`${i}: ${fault}`);
  }
  return found;
}

test("recipes", async () => {
  const random = new Random(14, "recipes");
  expect(await faults(COUNT, "recipe.json", () => parseRecipe(damaged(random), "recipe.json"))).toEqual([]);
});

test("recipes that nest without end or have a hundred thousand keys", async () => {
  let nested: unknown = {};
  for (let i = 0; i < 100_000; i++) nested = { weights: nested };
  const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]));
  const bombs = [nested, { ...demoRecipe(), weights: nested }, keys, { ...demoRecipe(), ...keys }, { ...demoRecipe(), weights: { bits: keys } }];
  expect(await faults(bombs.length, "recipe.json", (i) => parseRecipe(bombs[i], "recipe.json"))).toEqual([]);
});

test("links", async () => {
  const random = new Random(14, "links");
  const whole = writeLink("https://lab", sharedRecipe(demoRecipe(), 1), null).split("#")[1] as string;
  const link = () => {
    const at = random.below(whole.length);
    return random.below(2) ? whole.slice(0, at) : whole.slice(0, at) + String.fromCharCode(33 + random.below(90)) + whole.slice(at + 1);
  };
  expect(await faults(COUNT, "link", () => readLink(link()))).toEqual([]);
});

test("links that unpack to gigabytes, or nest without end", async () => {
  const deflated = (text: string) => deflateSync(new TextEncoder().encode(text), { level: 9 });
  const packed = (text: string) => `lab=${Buffer.from(deflated(text)).toString("base64url")}`;
  const compact = (text: string) => {
    const words = deflated(text);
    return `share=${Buffer.concat([Uint8Array.of(1, words.length & 255, words.length >> 8), words]).toString("base64url")}`;
  };
  const bombs = [
    compact(" ".repeat(2 ** 22)),
    compact("[".repeat(1_000_000)),
    compact(JSON.stringify({ r: {}, a: 2, f: [1, 1, 10_000, "f64", 1] })),
    compact(JSON.stringify({ r: {}, a: 2, w: [10_000, 1, [0, 2], null] })),
    `share=${"A".repeat(10_000_000)}`,
    packed(" ".repeat(2 ** 24)),
    packed("[".repeat(1_000_000)),
    packed(`{"recipe":${'{"a":'.repeat(150_000)}`),
    `lab=${"A".repeat(10_000_000)}`,
  ];
  expect(await faults(bombs.length, "link", (i) => readLink(bombs[i] as string))).toEqual([]);
});
