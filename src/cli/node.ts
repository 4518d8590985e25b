/** What a session needs of Node: files, built-in networks, devices. */
import { readFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { BadInput } from "../base/errors";
import type { Sources } from "../session/inputs/sources";
import type { Recipe } from "../session/recipe/recipe";
import { type ChosenDevice, chooseDevice } from "../session/run/devices";
import { readText } from "./files";
import { readImagesInput, readModelInput, type WebOptions } from "./web";

const PUBLIC = new URL("../../public/", import.meta.url);

/** Three quarters: the rest is for the images as files, the device's own memory, and everyone else. */
export const HOST_MEMORY: number = 0.75 * totalmem();

export interface GivenPaths extends WebOptions {
  readonly calibration?: string;
  readonly evaluate?: string;
  readonly calibrationImages?: number;
}

/** Paths or addresses of files, read or fetched. */
export async function sourcesOf(model: string | undefined, options: GivenPaths): Promise<Sources> {
  const { calibration, evaluate, calibrationImages } = options;
  return {
    builtinModel: async (name) => new Uint8Array(await readFile(fileURLToPath(new URL(`demo/${name}.onnx`, PUBLIC)))),
    model: model ? await readModelInput(model, options) : null,
    calibration: calibration ? await readImagesInput(calibration, options, calibrationImages) : null,
    evaluation: evaluate ? await readImagesInput(evaluate, options) : null,
  };
}

/** The value of a JSON file; `expected` says what it should hold. */
export async function readJson(path: string, expected: string): Promise<unknown> {
  const text = await readText(path, expected);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadInput(`${path} is not JSON; expected ${expected}.`);
  }
}

/** Dawn's entry point: its devices live only as long as it does. */
let dawn: GPU | undefined;

/** WebGPU in Node, from the optional package `webgpu` (dawn). */
async function gpuOf(recipe: Pick<Recipe, "device">): Promise<GPU | undefined> {
  if (recipe.device !== "webgpu") return undefined;
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    dawn ??= create([]) as GPU;
    return dawn;
  } catch {
    throw new BadInput("WebGPU in Node needs the package webgpu (npm install webgpu); or use --device wasm.");
  }
}

export async function openDevice(recipe: Pick<Recipe, "device" | "threads" | "memory">): Promise<ChosenDevice> {
  const chosen = await chooseDevice(recipe, await gpuOf(recipe), availableParallelism());
  if (recipe.device !== "auto") return chosen;
  return { ...chosen, reason: "the command line's choice; --device webgpu takes a GPU" };
}
