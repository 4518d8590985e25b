/**
 * `brecq-lab predict`: what a network gives for images, as arrays for NumPy. The network is a full-precision or a quantized file;
 * nothing is quantized here. Outputs have the layout of the file, so that they can be held against another runtime's.
 */
import { stat, writeFile } from "node:fs/promises";
import { BadInput } from "../base/errors";
import { isPreprocessed } from "../data/images";
import { writeNpy, writeNpz } from "../data/numpy-write";
import { sizeText } from "../export/proof/text";
import { openDevice } from "../node/device";
import { InputCache } from "../session/inputs/cache";
import { loadForward } from "../session/inputs/load";
import { withOrigins } from "../session/inputs/origins";
import { parseInputs } from "../session/recipe/schema";
import { judgedAccuracy, type PredictedOutput, predict as predictOutputs } from "../session/run/predict";
import { stopIfAsked } from "../session/run/stop";
import { checkWritable } from "./files";
import { sourcesOf } from "./inputs";
import { inputOf } from "./model-input";
import { inputSettings, type QuantizeOptions } from "./options";
import { withPreset } from "./preprocessing";
import { TerminalProgress } from "./terminal";

export interface PredictOptions extends Omit<QuantizeOptions, "calibration" | "calibrationImages" | "export"> {
  readonly images?: string;
  readonly count?: number;
}

/** @throws BadInput */
export async function predict(model: string, given: PredictOptions): Promise<void> {
  if (!given.images) throw new BadInput("A prediction needs images: give --images DATA (a folder, zip, .tar.gz, .npy, .npz, IDX or CIFAR .bin).");
  if (!given.out) throw new BadInput("A prediction goes into a file: say which with --out scores.npy, or --out scores.npz for several outputs.");
  if (!/\.np[yz]$/i.test(given.out)) throw new BadInput(`${given.out} must end in .npy, or in .npz for several outputs.`);
  await checkWritable(given.out);
  const named = { ...given, calibration: given.images, export: [], ...(given.count === undefined ? {} : { calibrationImages: given.count }) };
  const options = await withPreset<QuantizeOptions>(named, () => inputOf(model, given));
  const settings = parseInputs(inputSettings(model, options), "The command line");
  const sources = await sourcesOf(model, options);
  const recipe = withOrigins(settings, sources);
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  const progress = new TerminalProgress(process.stderr);
  const emit: TerminalProgress["handle"] = (event) => progress.handle(event);
  try {
    const { graph, images } = await loadForward({ recipe, sources, inputs: new InputCache(), signal: controller.signal, emit });
    if (graph.outputs.length > 1 && !/\.npz$/i.test(given.out))
      throw new BadInput(
        `${graph.name} has ${graph.outputs.length} outputs (${graph.outputs.map((value, i) => graph.fileOutputs?.[i]?.name ?? value).join(", ")}); write them with --out FILE.npz.`,
      );
    if (!isPreprocessed(images.set)) progress.preprocessing(recipe.preprocessing);
    for (const message of images.notes) emit({ type: "warning", message });
    const { device, reason } = await openDevice(recipe);
    emit({ type: "device", kind: device.info.kind, description: device.info.description, reason });
    const outputs = await predictOutputs({
      ...{ device, graph, set: images.set, preprocessing: recipe.preprocessing },
      onProgress(fraction) {
        stopIfAsked(controller.signal);
        emit({ type: "progress", text: `Predicting ${images.set.count} images`, fraction, secondsLeft: null });
      },
    }).finally(() => device.dispose());
    progress.stop();
    await writeFile(
      given.out,
      /\.npz$/i.test(given.out) ? writeNpz(new Map(outputs.map((output) => [output.name, output]))) : writeNpy(only(outputs)),
    );
    for (const { name, shape } of outputs) console.log(`${name}: float32 [${shape.join(", ")}]`);
    const accuracy = judgedAccuracy(graph, outputs, images.set);
    if (accuracy !== null) console.log(`Top-1 of the labelled images: ${accuracy.toFixed(2)} %`);
    console.log(`${given.out}, ${sizeText((await stat(given.out)).size)}`);
  } finally {
    progress.stop();
  }
}

function only([output]: readonly PredictedOutput[]): PredictedOutput {
  if (!output) throw new Error("The network has no output");
  return output;
}
