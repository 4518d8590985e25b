/** The converters: one ONNX operator each, from the file's values to nodes of our graph. */
import type { Converter } from "../conversion";
import { ARITHMETIC } from "./arithmetic";
import { FUNCTIONS } from "./functions";
import { LAYERS } from "./layers";
import { NORMALIZATION } from "./normalization";
import { POOLING } from "./pooling";
import { QUANTIZED } from "./quantized";
import { SELECTING } from "./selecting";
import { SHAPES } from "./shapes";

export const CONVERTERS: Readonly<Record<string, Converter>> = {
  ...LAYERS,
  ...FUNCTIONS,
  ...ARITHMETIC,
  ...POOLING,
  ...NORMALIZATION,
  ...SHAPES,
  ...SELECTING,
  ...QUANTIZED,
};
