/** Recipes with the bits that they gave when they were recorded (tests/versions/v1). */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { parseRecipe } from "../../src/session/recipe/schema";
import type { Report } from "../../src/session/run/report";
import { runRecipe } from "../../src/session/run/run";
import { builtinBytes } from "./builtin";

export interface Recorded {
  readonly name: string;
  /** As the lab of its time wrote it. */
  readonly recipe: { readonly device: string };
  readonly fingerprint: Pick<Report["fingerprint"], "top1" | "agreement" | "losses" | "rounding">;
}

export function recorded(file: string): readonly Recorded[] {
  return JSON.parse(readFileSync(fileURLToPath(new URL(`../versions/v1/${file}`, import.meta.url)), "utf8"));
}

/** What a recorded recipe gives today, on the wasm device with two threads. */
export async function fingerprintOf(old: unknown): Promise<Recorded["fingerprint"]> {
  const recipe = parseRecipe(old, "v1");
  const { fingerprint } = await runRecipe({
    recipe,
    sources: { builtinModel: async (name) => builtinBytes(name), model: null, calibration: null, evaluation: null },
    openDevice: async () => ({
      device: await createWasmDevice(2, recipe.memory === null ? undefined : recipe.memory * 2 ** 20),
      reason: "test",
    }),
    emit: () => {},
    signal: new AbortController().signal,
  });
  const { top1, agreement, losses, rounding } = fingerprint;
  return { top1, agreement, losses, rounding };
}
