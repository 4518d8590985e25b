/** Computes the fingerprint of a result (fingerprint.ts says what one holds). */
import type { QuantizedNetwork } from "../../quantize/methods/method";
import { startHash } from "../inputs/hash";
import type { Recipe } from "../recipe/recipe";
import { ARITHMETIC_VERSION } from "./arithmetic";
import { canonical, type Fingerprint, resultRecipe } from "./fingerprint";

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

/** The fingerprint of a run. @param recipe with its files' hashes and the device that computed it */
export async function fingerprintOf(recipe: Recipe, result: Omit<Fingerprint, "result">): Promise<Fingerprint> {
  const hash = await startHash();
  hash.update(new TextEncoder().encode(canonical([ARITHMETIC_VERSION, resultRecipe(recipe), result])));
  return { ...result, result: hash.digest("hex") };
}
