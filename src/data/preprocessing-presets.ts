/**
 * How published networks are commonly preprocessed, by name; the page and the command line offer them. Sources:
 * torchvision's classification presets (resize 256, centre crop 224); timm's default_cfg of its families (mean, std and
 * crop_pct, the share of the resized picture that the crop takes); keras.applications.imagenet_utils.preprocess_input
 * (modes tf, caffe and torch); TensorFlow.js examples; YOLOX's ValTransform. Interpolation is bilinear and antialiased
 * throughout, where timm takes bicubic for many networks, and YOLOX's padding is not made: pictures are stretched.
 */
import type { Preprocessing } from "./preprocess";

interface Preset extends Pick<Preprocessing, "mean" | "std" | "channelOrder"> {
  readonly title: string;
  /** The share that the centre crop takes of the resized picture's shorter side; null stretches pictures to the network's size. */
  readonly crop: number | null;
}

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], channelOrder: "rgb" } as const;
const UNIT = { mean: [0], std: [1], channelOrder: "rgb" } as const;
const CENTRED = { mean: [0.5], std: [0.5], channelOrder: "rgb" } as const;
const BYTES = { mean: [0], std: [1 / 255], channelOrder: "rgb" } as const;
/** By channel in the network's order: blue, green, red. */
const CAFFE = { mean: [103.939 / 255, 116.779 / 255, 123.68 / 255], std: [1 / 255], channelOrder: "bgr" } as const;

export const PREPROCESSING_NAMES = [
  "torchvision",
  "timm",
  "timm-95",
  "timm-half",
  "timm-half-90",
  "keras-tf",
  "keras-caffe",
  "keras-torch",
  "tfjs",
  "tfjs-centred",
  "pixels",
  "yolox",
] as const;
export type PreprocessingPreset = (typeof PREPROCESSING_NAMES)[number];

export const PREPROCESSING_PRESETS: Readonly<Record<PreprocessingPreset, Preset>> = {
  torchvision: { title: "torchvision: ImageNet mean and std, resize 256, crop 224", ...IMAGENET, crop: 0.875 },
  timm: { title: "timm: ImageNet mean and std, crop_pct 0.875", ...IMAGENET, crop: 0.875 },
  "timm-95": { title: "timm: ImageNet mean and std, crop_pct 0.95", ...IMAGENET, crop: 0.95 },
  "timm-half": { title: "timm: mean and std 0.5, crop_pct 0.875", ...CENTRED, crop: 0.875 },
  "timm-half-90": { title: "timm: mean and std 0.5, crop_pct 0.9", ...CENTRED, crop: 0.9 },
  "keras-tf": { title: "Keras mode tf: x / 127.5 - 1", ...CENTRED, crop: null },
  "keras-caffe": { title: "Keras mode caffe: BGR minus ImageNet's mean", ...CAFFE, crop: null },
  "keras-torch": { title: "Keras mode torch: ImageNet mean and std", ...IMAGENET, crop: null },
  tfjs: { title: "TensorFlow.js: 0..1", ...UNIT, crop: null },
  "tfjs-centred": { title: "TensorFlow.js: -1..1", ...CENTRED, crop: null },
  pixels: { title: "Pixels 0..255, RGB", ...BYTES, crop: null },
  yolox: { title: "YOLOX: pixels 0..255, BGR", ...BYTES, channelOrder: "bgr", crop: null },
};

/** Height and width where a network's are not known: those of most networks for ImageNet. */
const USUAL = [224, 224] as const;

/**
 * A preset for a network's input.
 * @param input [height, width, ...], or null where it is not known
 */
export function presetPreprocessing(name: PreprocessingPreset, input: readonly number[] | null): Preprocessing {
  const { crop, mean, std, channelOrder } = PREPROCESSING_PRESETS[name];
  const [height, width] = (input ?? USUAL) as readonly [number, number];
  const size =
    crop === null
      ? { resize: [height, width] as const, crop: null }
      : { resize: Math.floor(Math.max(height, width) / crop), crop: [height, width] as const };
  return { ...size, mean, std, channelOrder };
}

/**
 * The first preset that gives a preprocessing; null if none does.
 * @param input [height, width, ...] of the network, or null where it is not known
 */
export function presetOf(preprocessing: Preprocessing, input: readonly number[] | null): PreprocessingPreset | null {
  const text = textOf(preprocessing);
  return PREPROCESSING_NAMES.find((name) => textOf(presetPreprocessing(name, input)) === text) ?? null;
}

/** One text for equal preprocessing: a single mean stands for three. */
function textOf({ resize, crop, mean, std, channelOrder }: Preprocessing): string {
  const three = (values: readonly number[]) => [0, 1, 2].map((c) => values[values.length === 1 ? 0 : c]);
  return JSON.stringify([resize, crop, three(mean), three(std), channelOrder]);
}

/** Whether two say the same. */
export function isSamePreprocessing(a: Preprocessing, b: Preprocessing): boolean {
  return textOf(a) === textOf(b);
}
