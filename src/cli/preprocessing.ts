/** Preprocessing on the command line: presets by name, and the options that stand for a preprocessing. */
import { BadInput } from "../base/errors";
import type { Preprocessing } from "../data/preprocess";
import { PREPROCESSING_NAMES, type PreprocessingPreset, presetOf, presetPreprocessing } from "../data/preprocessing-presets";
import type { QuantizeOptions } from "./options";

/**
 * Options with what a preset says where they say nothing themselves.
 * @param inputOf [height, width, ...] of the network's input, or null where it is not known; asked only where a preset is named
 * @throws BadInput for a preset that does not exist
 */
export async function withPreset<O extends QuantizeOptions>(options: O, inputOf: () => Promise<readonly number[] | null>): Promise<O> {
  const name = options.preprocessing;
  if (name === undefined) return options;
  if (!PREPROCESSING_NAMES.includes(name as PreprocessingPreset))
    throw new BadInput(`--preprocessing ${name} is unknown; choose ${PREPROCESSING_NAMES.join(", ")}.`);
  const { resize, crop, mean, std, channelOrder } = presetPreprocessing(name as PreprocessingPreset, await inputOf());
  const { mean: ownMean, std: ownStd, resize: ownResize, crop: ownCrop, bgr } = options;
  const size = ownResize ?? (typeof resize === "number" ? [resize] : resize);
  return {
    ...options,
    mean: ownMean ?? [...mean],
    std: ownStd ?? [...std],
    ...(size ? { resize: [...size] } : {}),
    ...((ownCrop ?? crop) ? { crop: [...((ownCrop ?? crop) as readonly number[])] } : {}),
    bgr: bgr ?? channelOrder === "bgr",
  };
}

/**
 * The options that give a preprocessing: a preset's name where one says the same.
 * @param input [height, width, ...] of the network's input
 */
export function preprocessingFlags(preprocessing: Preprocessing, input: readonly number[]): string {
  const { resize, crop, mean, std, channelOrder } = preprocessing;
  const name = presetOf(preprocessing, input);
  if (name) return `--preprocessing ${name}`;
  return [
    resize === null ? [] : [`--resize ${[resize].flat().join(",")}`],
    crop === null ? [] : [`--crop ${crop.join(",")}`],
    [`--mean ${mean.join(",")}`, `--std ${std.join(",")}`, channelOrder === "bgr" ? "--bgr" : "--no-bgr"],
  ]
    .flat()
    .join(" ");
}
