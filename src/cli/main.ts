/** `brecq-lab`: the same recipe as the page, without a page. */

import { Command, CommanderError } from "commander";
import { BadInput, Cancelled } from "../base/errors";
import { PREPROCESSING_NAMES } from "../data/preprocessing-presets";
import { endingsText } from "../export/catalog";
import type { UnitKind } from "../passes/unit-kinds";
import { UNIT_KINDS } from "../passes/unit-kinds";
import { firstLook, type LookOptions } from "../quantize/first-look";
import { METHOD_NAMES } from "../quantize/methods/catalog";
import { GRANULARITIES, SCALE_METHODS } from "../quantize/settings";
import { modelFiles } from "../session/inputs/hash";
import { readNetwork } from "../session/inputs/network";
import { viewNetwork } from "../session/network/build";
import { READY_MADE } from "../session/recipe/ready-made";
import { BUILTIN_MODELS } from "../session/recipe/recipe";
import { compare } from "./compare";
import { ProofFailed } from "./export";
import { fit, GoalMissed } from "./fit";
import { merge, Unfinished } from "./merge";
import { number, numbers } from "./options";
import { plan } from "./plan";
import { predict } from "./predict";
import { quantize } from "./quantize";
import { runTrials, TrialsFailed, TryAgain } from "./run-trials";
import { search } from "./search";
import { lookTable, networkTable } from "./terminal";
import { NotReproduced, verify } from "./verify";
import { readModelInput, type WebOptions } from "./web";

interface InspectOptions extends WebOptions {
  readonly unit: string;
  readonly scale?: string;
  readonly granularity?: string;
  readonly symmetric?: boolean;
  readonly json?: boolean;
  readonly resize?: number[];
  readonly crop?: number[];
}

async function inspect(model: string, options: InspectOptions): Promise<void> {
  if (!UNIT_KINDS.includes(options.unit as UnitKind)) throw new BadInput(`--unit ${options.unit} is unknown; choose ${UNIT_KINDS.join(", ")}.`);
  const files = modelFiles(await (await readModelInput(model, options)).read());
  const inputSize = inputSizeOf(options);
  const { graph } = await readNetwork(files, inputSize ? { inputSize } : {});
  const view = viewNetwork(graph, options.unit as UnitKind);
  const look = await firstLook(graph, looksWith(options));
  console.log(options.json ? JSON.stringify({ ...view, firstLook: look }, null, 2) : `${networkTable(view)}\n\n${lookTable(look)}`);
}

/** @throws BadInput for a scale method or granularity that is none */
function looksWith({ scale = "mse", granularity = "channel", symmetric = false }: InspectOptions): LookOptions {
  const known = <T extends string>(flag: string, value: string, values: readonly T[]): T => {
    const found = values.find((one) => one === value);
    if (found === undefined) throw new BadInput(`${flag} ${value} is unknown; choose ${values.join(", ")}.`);
    return found;
  };
  return { scale: known("--scale", scale, SCALE_METHODS), granularity: known("--granularity", granularity, GRANULARITIES), symmetric };
}

/** Height and width that --crop or --resize give a network whose file leaves them open. */
function inputSizeOf({ resize, crop }: { resize?: number[]; crop?: number[] }): readonly [number, number] | null {
  const size = crop ?? resize;
  return size ? [size[0] as number, size[1] ?? (size[0] as number)] : null;
}

/** Where fetched files are kept. */
function webOptions(command: Command): Command {
  return command.option("--web-cache <dir>", "keep what is fetched from the web here (default: the user's folder for caches)");
}

/** Where network and images come from. */
function inputOptions(command: Command): Command {
  const data = webOptions(command)
    .option(
      "--calibration <data>",
      "images to calibrate on, labels not needed: a folder, zip, .tar.gz, .npz, .npy, IDX, CIFAR .bin, hub-dataset:OWNER/NAME[@REVISION]/CONFIG/SPLIT[A:B], or https URL",
    )
    .option("--evaluate <data>", "labelled images to measure accuracy on")
    .option("--calibration-images <n>", "use the first n calibration images", number);
  return computeOptions(data);
}

/** How images are preprocessed, and where it is computed. */
function computeOptions(command: Command): Command {
  return command
    .option("--mean <a,b,c>", "channel means of pixels in 0..1", numbers)
    .option("--std <a,b,c>", "channel standard deviations", numbers)
    .option("--resize <n|h,w>", "shorter side, or height,width", numbers)
    .option("--crop <n|h,w>", "centre crop after resizing", numbers)
    .option("--bgr", "the network takes blue, green, red")
    .option("--no-bgr", "the network takes red, green, blue, whatever a recipe or preset says")
    .option("--preprocessing <name>", `a preset, which the options above override: ${PREPROCESSING_NAMES.join(", ")}`)
    .option("--device <kind>", "auto, wasm or webgpu")
    .option("--threads <n>", "of the wasm device", number);
}

/** Keeping what is done while it is done. */
function checkpointOptions(command: Command): Command {
  return command
    .option("--checkpoint <dir>", "keep what is done here while it runs: each unit, and the one in training every minute")
    .option("--checkpoint-every <seconds>", "of the unit in training (default 60)", number)
    .option("--resume", "go on from the checkpoints of this run in --checkpoint DIR, if there are some");
}

/** How a network is quantized. */
function methodOptions(command: Command): Command {
  return command
    .option("--demo [name]", `a built-in network on the built-in images: ${BUILTIN_MODELS.join(", ")}`)
    .option("--scale <method>", "mse, max, max_scale or percentile")
    .option("--granularity <kind>", "a scale for each channel or one for each tensor")
    .option("--symmetric", "grids that reach equally far to both sides of zero")
    .option("--first-last-bits <which>", "8 (default), or common: first and last layer at the common bit width too")
    .option(
      "--layer <pattern=bits>",
      "width of the layers that a name or a pattern with * fits, 2 to 8 or float; repeat it, the last that fits counts",
      collect,
      [],
    )
    .option("--method <name>", METHOD_NAMES.join(", "))
    .option("--activations <bits>", "quantize activations too, 2 to 8 bit", number)
    .option("--activation-scale <method>", "mse, max, max_scale or percentile")
    .option("--activation-iterations <n>", "training of activation scales, for each unit", number)
    .option("--activation-rate <rate>", "Adam's for activation scales", number)
    .option("--last-input-bits <which>", "8 (default), or common: the last layer's input at the common bit width, as the release has it")
    .option("--no-learn", "activation scales as calibrated, without training")
    .option("--diagnose", "measure accuracy with each unit alone quantized, and with all but each")
    .option("--unit <kind>", "layer, block, stage or net")
    .option("--loss <kind>", "mse, fisher_diag, fisher_diag_damped or fisher_full")
    .option("--inputs <which>", "what a unit reads while it is reconstructed: quantized (the network quantized so far) or full (full precision)")
    .option("--preset <name>", "published, thorough, balanced, standard (default) or quick")
    .option("--iterations <n>", "for each unit; without --learning-rate the rate follows", number)
    .option("--learning-rate <rate>", "Adam's", number)
    .option("--regularizer <weight>", "of the rounding regularizer", number)
    .option("--batch <n>", "images an iteration", number)
    .option("--seed <n>", "of every random draw", number)
    .option("--memory <mib>", "device memory to use; caches beyond it are streamed from the host", number)
    .option("--cache <storage>", "f32, or f16 for caches at half the memory")
    .option("--export <file>", `write the quantized network; the ending says in which form, repeat it for several: ${endingsText()}`, collect, [])
    .option(
      "--onnx-container <type>",
      "the narrowest type that weights may have in an ONNX file: int8 (default), int4 (opset 21) or int2 (opset 25), or without a sign uint8, uint4, uint2",
    )
    .option("--no-proof", "export without running the exported file on the evaluation images");
}

/** What a network may be given as. */
const MODEL =
  "ONNX file, or a TensorFlow.js model: its model.json, folder or zip; or hub:OWNER/NAME[@REVISION][/PATH] of the Hugging Face Hub, or an https URL";

function program(): Command {
  const root = new Command("brecq-lab")
    .description("Post-training quantization by block reconstruction")
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({ outputError: () => {} });
  checkpointOptions(methodOptions(inputOptions(root.command("quantize"))))
    .description("quantize a network and measure its accuracy")
    .argument("[model]", MODEL)
    .option("--recipe <file>", "start from a recipe or report.json")
    .option("--weights <bits>", "2 to 8 (default 4; the demo's 2)", number)
    .option("--out <file>", "write report.json here")
    .action(quantize);
  inputOptions(root.command("compare"))
    .description("run an experiment: methods, bits, units or losses side by side, over several seeds")
    .argument("<experiment>", `JSON file, or one that comes with the lab: ${Object.keys(READY_MADE).join(", ")}`)
    .option("--model <file>", `${MODEL}; the demo's network without it`)
    .option("--seeds <a,b,c>", "instead of the experiment's", numbers)
    .option("--out <dir>", "write table, chart and every run here; finished runs there are not repeated")
    .action(compare);
  inputOptions(root.command("plan"))
    .description("cut an experiment into trials for many machines, with files for Slurm, Kubernetes, Snakemake and GNU parallel")
    .argument("<experiment>", `JSON file, or one that comes with the lab: ${Object.keys(READY_MADE).join(", ")}`)
    .option("--model <file>", `${MODEL}; the demo's network without it`)
    .option("--seeds <a,b,c>", "instead of the experiment's", numbers)
    .option("--shards <n>", "for the scheduler files: into how many parts (default 16, or as many as there are trials)", number)
    .option("--out <dir>", "write the plan here; every machine that works on it must see this folder")
    .action(plan);
  webOptions(root.command("run"))
    .description("do the trials of a plan that are not finished; exits with 75 where it was stopped early and is to be started again")
    .argument("<dir>", "the plan's folder")
    .option("--shard <i/n>", "these alone: 3/16 is the third of sixteen parts, counted from 1")
    .option("--trial <name>", "this one alone")
    .option("--threads <n>", "of the wasm device; changes no result", number)
    .option("--no-wait", "do not wait for trials that are at work elsewhere; exits with 75 where there are some")
    .option("--checkpoint-every <seconds>", "of the unit in training (default 60)", number)
    .option("--model <file>", "where this machine has the network, if not where the plan says")
    .option("--calibration <data>", "the same of the calibration images")
    .option("--evaluate <data>", "the same of the test images")
    .action(runTrials);
  root
    .command("merge")
    .description("make table and chart of a plan's finished trials, and JSON lines; exits with 75 where some are missing")
    .argument("<dir>", "the plan's folder")
    .option("--tensorboard", "write event files too, a run for each trial, in DIR/tensorboard")
    .action(merge);
  checkpointOptions(methodOptions(inputOptions(root.command("search"))))
    .description("search bits for each layer under a limit, and quantize with what is found")
    .argument("[model]", MODEL)
    .option(
      "--limit <what=value>",
      "size=100kB, bitops=0.4GBOPs, latency:fpga=1.5ms, latency:arm=3ms, table=10, size=3bit or size=2bit+10%; repeat to compare",
      collect,
      [],
    )
    .option("--bits <a,b,c>", "bit widths of weights to choose from (default 2,4,8)", numbers)
    .option("--activation-bits <a,b,c>", "search the bit widths of activations too, among these", numbers)
    .option("--measure <how>", "sensitivity of layers reconstructed at each width (default), or nearest for a quick look")
    .option("--costs <file>", "a table of costs of one's own, CSV or JSON, for --limit table=…")
    .option("--fpga <settings>", "of the modelled accelerator, for example rows=32,columns=32,buffer=256,bandwidth=16,megahertz=300")
    .option("--table <file>", "a sensitivity table that was saved before")
    .option("--save-table <file>", "write the sensitivity table here")
    .option("--keep <dir>", "keep what is measured here, and go on from what is there")
    .option("--population <n>", "of the genetic search (default 50)", number)
    .option("--generations <n>", "of the genetic search (default 100)", number)
    .option("--mutation <p>", "probability that a mutation redraws a layer (default 0.1)", number)
    .option("--seeds <a,b,c>", "of the reconstructions where limits are compared", numbers)
    .option("--hawq", "compare what the sensitivity of HAWQ-V2 would choose too")
    .option("--random <n>", "compare n random assignments too, and report how predicted loss ranks them", number)
    .option("--out <path>", "report.json, or for several limits a folder")
    .action(search);
  checkpointOptions(methodOptions(inputOptions(root.command("fit"))))
    .description("quantize to a goal: finds, reconstructs and measures what keeps a size or a loss; exit code 3 where nothing does")
    .argument("[model]", MODEL)
    .option("--size <size>", "the network must not take more: 100kB, 0.5MB, or what uniform bits take: 3bit, 2bit+10%")
    .option("--lose <points>", "the smallest network that loses no more points of top-1; without labels, percent of images that change class", number)
    .option("--recipe <file>", "start from a recipe or report.json, and train as it says")
    .option("--bits <a,b,c>", "bit widths of weights to choose from (default 2,3,4,6,8)", numbers)
    .option("--measure <how>", "sensitivity of rounding to nearest (default), or of layers reconstructed at each width")
    .option("--tries <n>", "candidates that are reconstructed at most (default 5)", number)
    .option("--keep <dir>", "keep what is measured here, and go on from what is there")
    .option("--out <file>", "write report.json of the best here, with what was tried")
    .action(fit);
  webOptions(root.command("verify"))
    .description("have a shared result again and say whether it comes out the same, bit for bit; exits with 1 where it does not")
    .argument("<what>", "a share link, in quotes, or a file that the lab made: an export, report.json")
    .option("--model <file>", "the network, where the result is of a file")
    .option("--calibration <data>", "its calibration images")
    .option("--evaluate <data>", "its test images")
    .option("--fetch", "ask the hosts that the link names for what it needs")
    .option("--device <kind>", "another device than the result's: auto, wasm or webgpu")
    .option("--threads <n>", "of the wasm device", number)
    .option("--out <file>", "write report.json here")
    .action(verify);
  computeOptions(webOptions(root.command("predict")))
    .description("write what a network, full precision or quantized, gives for images")
    .argument("<model>", MODEL)
    .option("--images <data>", "as --calibration of quantize; float32 .npy or .npz in the network's own layout are taken as already preprocessed")
    .option("--count <n>", "use the first n images", number)
    .option("--out <file>", "scores.npy: float32, [images, classes] or the file's own layout; scores.npz holds every output by its name")
    .action(predict);
  webOptions(root.command("inspect"))
    .description("list a network's units, layers, shapes and parameters, and what rounding takes from each layer's weights")
    .argument("<model>", MODEL)
    .option("--unit <kind>", "layer, block, stage or net", "block")
    .option("--resize <n|h,w>", "image size, for a network that leaves it open", numbers)
    .option("--crop <n|h,w>", "image size after the crop, for a network that leaves it open", numbers)
    .option("--scale <method>", "of the rounding that is looked at: mse (default), max, max_scale or percentile")
    .option("--granularity <kind>", "a scale for each channel (default) or one for each tensor")
    .option("--symmetric", "grids that reach equally far to both sides of zero")
    .option("--json", "as JSON")
    .action(inspect);
  return root;
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** EX_TEMPFAIL of sysexits.h: the same command later comes further. */
const TEMPORARY = 75;

async function main(): Promise<number> {
  try {
    await program().parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      console.error(
        error.code === "commander.help"
          ? "Usage: brecq-lab quantize|fit|compare|plan|run|merge|search|verify|predict|inspect ... (--help lists the options)"
          : error.message,
      );
      return 2;
    }
    if (error instanceof BadInput) {
      console.error(error.message);
      return 2;
    }
    if (error instanceof TryAgain || error instanceof Unfinished) {
      console.error(error.message);
      return TEMPORARY;
    }
    // Its verdict has said so, and the best was written all the same.
    if (error instanceof GoalMissed) return 3;
    console.error(
      error instanceof Cancelled || error instanceof ProofFailed || error instanceof NotReproduced || error instanceof TrialsFailed
        ? error.message
        : `The run failed: ${error instanceof Error ? error.message : error}`,
    );
    return 1;
  }
}

process.exitCode = await main();
