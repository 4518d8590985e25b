/** `brecq-lab`: the same recipe as the page, without a page. */
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { BadInput, Cancelled } from "../base/errors";
import { readModel } from "../formats";
import { foldBatchNorm } from "../passes/fold";
import { UNIT_KINDS, type UnitKind } from "../passes/partition";
import { chooseDevice } from "../session/devices";
import { viewNetwork } from "../session/network-view";
import type { Recipe } from "../session/recipe";
import { runRecipe } from "../session/run";
import type { Sources } from "../session/sources";
import { readGiven } from "./files";
import { number, numbers, type QuantizeOptions, recipeOf } from "./options";
import { networkTable, summary, TerminalProgress } from "./terminal";

const PUBLIC = new URL("../../public/", import.meta.url);

async function sourcesOf(model: string | undefined, options: QuantizeOptions): Promise<Sources> {
  return {
    builtinModel: async (name) => new Uint8Array(await readFile(fileURLToPath(new URL(`demo/${name}.onnx`, PUBLIC)))),
    model: model ? await readGiven(model) : null,
    calibration: options.calibration ? await readGiven(options.calibration) : null,
    evaluation: options.evaluate ? await readGiven(options.evaluate) : null,
  };
}

/** Dawn's entry point: its devices live only as long as it does. */
let dawn: GPU | undefined;

/** WebGPU in Node, from the optional package `webgpu` (dawn). */
async function gpuOf(recipe: Recipe): Promise<GPU | undefined> {
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

async function quantize(model: string | undefined, options: QuantizeOptions): Promise<void> {
  let base: unknown = null;
  if (options.recipe) {
    const text = new TextDecoder().decode((await readGiven(options.recipe)).files[0]?.bytes);
    try {
      base = JSON.parse(text);
    } catch {
      throw new BadInput(`${options.recipe} is not JSON; expected a recipe, or a report.json that holds one.`);
    }
    if (typeof base === "object" && base && "recipe" in base) base = base.recipe;
  }
  const recipe = recipeOf(model, options, base);
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  const progress = new TerminalProgress(process.stderr);
  try {
    const report = await runRecipe({
      recipe,
      sources: await sourcesOf(model, options),
      openDevice: async () => {
        const chosen = await chooseDevice(recipe, await gpuOf(recipe), availableParallelism());
        if (recipe.device !== "auto") return chosen;
        return { ...chosen, reason: "the command line's choice; --device webgpu takes a GPU" };
      },
      emit: (event) => progress.handle(event),
      signal: controller.signal,
      // Three quarters: the rest is for the images as files, the device's own memory, and everyone else.
      hostMemory: 0.75 * totalmem(),
    });
    progress.stop();
    if (options.out) await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    console.log(summary(report));
  } finally {
    progress.stop();
  }
}

async function inspect(model: string, options: { unit: string; json?: boolean }): Promise<void> {
  if (!UNIT_KINDS.includes(options.unit as UnitKind)) throw new BadInput(`--unit ${options.unit} is unknown; choose ${UNIT_KINDS.join(", ")}.`);
  const given = await readGiven(model);
  const file = given.files[0];
  if (!file) throw new BadInput(`${model} is an empty folder; expected an ONNX file.`);
  const view = viewNetwork(foldBatchNorm(readModel(file.bytes, file.path)), options.unit as UnitKind);
  console.log(options.json ? JSON.stringify(view, null, 2) : networkTable(view));
}

function program(): Command {
  const root = new Command("brecq-lab")
    .description("Post-training quantization by block reconstruction")
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({ outputError: () => {} });
  root
    .command("quantize")
    .description("quantize a network's weights and measure its accuracy")
    .argument("[model]", "ONNX file")
    .option("--demo", "the built-in network and images")
    .option("--recipe <file>", "start from a recipe or report.json")
    .option("--calibration <data>", "images to calibrate on: folder, zip, .npz, .npy or CIFAR-10 .bin")
    .option("--evaluate <data>", "labelled images to measure accuracy on")
    .option("--calibration-images <n>", "use the first n calibration images", number)
    .option("--mean <a,b,c>", "channel means of pixels in 0..1", numbers)
    .option("--std <a,b,c>", "channel standard deviations", numbers)
    .option("--resize <n|h,w>", "shorter side, or height,width", numbers)
    .option("--crop <n|h,w>", "centre crop after resizing", numbers)
    .option("--bgr", "the network takes blue, green, red")
    .option("--weights <bits>", "2 to 8 (default 4; the demo's 2)", number)
    .option("--scale <method>", "mse, max, max_scale or percentile")
    .option("--granularity <kind>", "a scale for each channel or one for each tensor")
    .option("--symmetric", "grids that reach equally far to both sides of zero")
    .option("--unit <kind>", "layer, block, stage or net")
    .option("--loss <kind>", "mse, fisher_diag, fisher_diag_damped or fisher_full")
    .option("--no-asym", "full-precision inputs for every unit")
    .option("--preset <name>", "published, thorough, balanced or quick")
    .option("--iterations <n>", "for each unit; without --learning-rate the rate follows", number)
    .option("--learning-rate <rate>", "Adam's", number)
    .option("--regularizer <weight>", "of the rounding regularizer", number)
    .option("--batch <n>", "images an iteration", number)
    .option("--seed <n>", "of every random draw", number)
    .option("--device <kind>", "auto, wasm or webgpu")
    .option("--threads <n>", "of the wasm device", number)
    .option("--memory <mib>", "device memory to use; caches beyond it are streamed from the host", number)
    .option("--cache <storage>", "f32, or f16 for caches at half the memory")
    .option("--out <file>", "write report.json here")
    .action(quantize);
  root
    .command("inspect")
    .description("list a network's units, layers, shapes and parameters")
    .argument("<model>", "ONNX file")
    .option("--unit <kind>", "layer, block, stage or net", "block")
    .option("--json", "as JSON")
    .action(inspect);
  return root;
}

async function main(): Promise<number> {
  try {
    await program().parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      console.error(error.code === "commander.help" ? "Usage: brecq-lab quantize|inspect ... (--help lists the options)" : error.message);
      return 2;
    }
    if (error instanceof BadInput) {
      console.error(error.message);
      return 2;
    }
    console.error(error instanceof Cancelled ? error.message : `The run failed: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

process.exitCode = await main();
