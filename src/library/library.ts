/**
 * BRECQ Lab as a library: what the page and the command line do, as functions for Node and browsers.
 *
 * Read a network ({@link readNetwork}) and images ({@link readImages}), quantize ({@link quantize}) or search mixed precision
 * ({@link search}), look at the report, predict ({@link predict}) and export ({@link exportOnnx}, {@link exportAs}). All takes place on
 * the caller's machine; only addresses that the caller gives are asked. In a browser call it in a worker: the WebAssembly device
 * computes on the thread that calls it, and on others where the page is cross-origin isolated.
 *
 * @packageDocumentation
 */
export { BadInput, Cancelled } from "../base/errors";
export type { InputFile } from "../data/files";
export type { Preprocessing } from "../data/preprocess";
export type { PreprocessingPreset } from "../data/preprocessing-presets";
export type { ExportedFile } from "../export/artifact";
export type { ExportKind, OnnxContainer } from "../export/catalog";
export type { OnnxProof } from "../export/proof/onnx";
export type { OnnxRuntime } from "../export/proof/runtime";
export type { SensitivityTable } from "../search/sensitivity/table";
export type { NetworkView } from "../session/network/view";
export type { PresetName } from "../session/recipe/presets";
export type { BuiltinModel, Recipe } from "../session/recipe/recipe";
export { parseRecipe } from "../session/recipe/schema";
export type { PredictedOutput } from "../session/run/predict";
export type { Accuracy, Report, UnitReport } from "../session/run/report";
export type { SearchResult } from "../session/search/result";
export type { LabEvent } from "../session/worker/events";
export { type ExportSettings, exportAs, exportOnnx, type Proof, proveOnnx } from "./export";
export type { Files } from "./given";
export { builtinImages, type ImageArray, type Images, type ReadImagesOptions, readImages } from "./images";
export { builtinNetwork, type Network, type ReadNetworkOptions, readNetwork } from "./network";
export { type PredictOptions, predict } from "./predict";
export { type Found, type Quantized, quantize, type SearchInputs, search } from "./quantize";
export type { RunInputs, Settings } from "./settings";
