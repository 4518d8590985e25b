/** The fingerprint of a result: what a share link carries and a rerun is compared with. */

import { z } from "../../base/zod";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import { startHash } from "../inputs/hash";
import type { Recipe } from "../recipe/recipe";
import { ARITHMETIC_VERSION } from "./arithmetic";

export interface Fingerprint {
  /** Percent; null without labels. */
  readonly top1: number | null;
  readonly agreement: number;
  /** Last reconstruction loss of each unit. */
  readonly losses: readonly number[];
  /** sha256 of every kernel, bias, activation scale and zero point. */
  readonly rounding: string;
  /** sha256 of the recipe and of everything above; absent in links of recipe version 1. */
  readonly result?: string | undefined;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const fingerprintSchema: z.ZodType<Fingerprint> = z.strictObject({
  top1: z.number().nullable(),
  agreement: z.number(),
  losses: z.array(z.number()).max(10000),
  rounding: sha256,
  result: sha256.optional(),
});

/** The hash of everything that quantization decided, bit for bit: kernels, biases, activation scales and zero points. */
export async function hashNetwork({ kernels, biases, quantizers }: Pick<QuantizedNetwork, "kernels" | "biases" | "quantizers">): Promise<string> {
  const hash = await startHash();
  const add = (name: string, values: Float32Array) => {
    hash.update(new TextEncoder().encode(name));
    // A zero weight has no sign.
    hash.update(new Uint8Array(values.map((value) => value + 0).buffer));
  };
  for (const [kind, map] of Object.entries({ kernels, biases }))
    for (const name of [...map.keys()].sort()) add(`${kind}/${name}`, map.get(name) as Float32Array);
  for (const value of [...quantizers.keys()].sort()) {
    const { scale, zero } = quantizers.get(value) as { scale: number; zero: number };
    add(value, Float32Array.of(scale, zero));
  }
  return hash.digest("hex");
}

/** The recipe without what never changes a result: threads, memory budget, diagnosis, and where files were fetched. */
export function resultRecipe({
  threads: _threads,
  memory: _memory,
  diagnose: _diagnose,
  ...rest
}: Recipe): Omit<Recipe, "threads" | "memory" | "diagnose"> {
  return {
    ...rest,
    model: withoutOrigin(rest.model),
    calibration: withoutOrigin(rest.calibration),
    evaluation: rest.evaluation && withoutOrigin(rest.evaluation),
  };
}

function withoutOrigin<T extends Recipe["model"] | Recipe["calibration"]>(files: T): T {
  if (!("from" in files)) return files;
  const { from: _from, ...rest } = files;
  return rest as T;
}

/** The fingerprint of a run. @param recipe with its files' hashes and the device that computed it */
export async function fingerprintOf(recipe: Recipe, result: Omit<Fingerprint, "result">): Promise<Fingerprint> {
  const hash = await startHash();
  hash.update(new TextEncoder().encode(canonical([ARITHMETIC_VERSION, resultRecipe(recipe), result])));
  return { ...result, result: hash.digest("hex") };
}

/** JSON whose objects have their keys in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** What became of a shared result when it was run again. */
export type Comparison =
  | { readonly kind: "reproduced" }
  /** The arithmetic has changed on purpose since; where the results differ all the same is said too. */
  | { readonly kind: "otherArithmetic"; readonly version: number; readonly differences: readonly string[] }
  | { readonly kind: "differs"; readonly differences: readonly string[] };

/** @param arithmetic the version that the shared result was computed with */
export function compareResults(expected: Fingerprint, actual: Fingerprint, arithmetic: number): Comparison {
  const differences = compareFingerprints(expected, actual);
  if (differences.length === 0) return { kind: "reproduced" };
  return arithmetic === ARITHMETIC_VERSION ? { kind: "differs", differences } : { kind: "otherArithmetic", version: arithmetic, differences };
}

/** What differs between the result of a link and of its rerun; empty when it is reproduced bit for bit. */
export function compareFingerprints(expected: Fingerprint, actual: Fingerprint): string[] {
  const differences: string[] = [];
  if (expected.top1 !== actual.top1) differences.push(`top-1 is ${percent(actual.top1)} instead of ${percent(expected.top1)}`);
  if (expected.agreement !== actual.agreement)
    differences.push(`agreement is ${percent(actual.agreement)} instead of ${percent(expected.agreement)}`);
  const units = expected.losses.map((loss, i) => relative(loss, actual.losses[i])).filter((difference) => difference > 0);
  if (expected.losses.length !== actual.losses.length) differences.push(`${actual.losses.length} units instead of ${expected.losses.length}`);
  else if (units.length > 0)
    differences.push(`${units.length} of ${expected.losses.length} unit losses differ, by ${(100 * Math.max(...units)).toPrecision(2)} % at most`);
  if (expected.rounding !== actual.rounding) differences.push("the quantized network differs");
  return differences;
}

function percent(value: number | null): string {
  return value === null ? "unknown" : `${value.toFixed(2)} %`;
}

function relative(a: number, b: number | undefined): number {
  return b === undefined ? 1 : Math.abs(a - b) / Math.max(Math.abs(a), 1e-12);
}
