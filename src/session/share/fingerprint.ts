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
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
