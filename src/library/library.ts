/**
 * BRECQ Lab as a library: what the page and the command line do, as functions for Node and browsers.
 *
 * Read a network ({@link readNetwork}) and images ({@link readImages}), quantize ({@link quantize}) or search mixed precision
 * ({@link search}), or give a goal and have it met ({@link fit}), look at the report, predict ({@link predict}) and export ({@link exportOnnx}, {@link exportAs}). All takes place on
 * the caller's machine; only addresses that the caller gives are asked. In a browser call it in a worker: the WebAssembly device
 * computes on the thread that calls it, and on others where the page is cross-origin isolated.
 *
 * @packageDocumentation
 */
export { BadInput, Cancelled } from "../base/errors";
export type { InputFile } from "../data/files";
export type { Preprocessing } from "../data/preprocess";
export { PREPROCESSING_NAMES, type PreprocessingPreset } from "../data/preprocessing-presets";
export type { DeviceKind } from "../engine/device";
export type { ExportedFile } from "../export/artifact";
export { EXPORT_KINDS, type ExportKind, ONNX_CONTAINERS, type OnnxContainer } from "../export/catalog";
export type { Comparison } from "../export/proof/compare";
export type { Pair as MeasuredPair, Proof as MeasuredProof } from "../export/proof/prove";
export type { Shape } from "../graph/types";
export { UNIT_KINDS, type UnitKind } from "../passes/unit-kinds";
export type { PointName } from "../quantize/activation-bits";
export type { LayerOverride, LayerOverrides } from "../quantize/layer-widths";
export { METHOD_NAMES, type MethodName } from "../quantize/methods/catalog";
export type { Annealing } from "../quantize/settings";
export type { Phase } from "../quantize/unit-change";
export type { FpgaOptions } from "../search/allocation/costs/fpga";
export type { Generation, GeneticOptions } from "../search/allocation/genetic";
export type { ActivationSensitivity, LayerGroup, LayerSensitivity, Pair as LayerPair, SensitivityTable } from "../search/sensitivity/table";
export type { SettledGoal } from "../session/fit/goal";
export type { Candidate, FitState, FitVerdict, TriedCandidate } from "../session/fit/state";
export type { LayerView, NetworkView, UnitView } from "../session/network/view";
export { PRESET_NAMES, type PresetName } from "../session/recipe/presets";
export { BUILTIN_MODELS, type BuiltinModel, type ImagesRecipe, type ModelRecipe, type Recipe } from "../session/recipe/recipe";
export { parseRecipe } from "../session/recipe/schema";
export type { PredictedOutput } from "../session/run/predict";
export { ACCURACIES, type Accuracy, type AccuracyName, type Report, type UnitDiagnosis, type UnitReport } from "../session/run/report";
export { type Measure, type Verdict, verdictOf, verdictText } from "../session/run/verdict";
export type { CostOptions } from "../session/search/limit";
export type { LayerBits, SearchResult } from "../session/search/result";
export type { Fingerprint } from "../session/share/fingerprint";
export type { RunEvent } from "./events";
export { type ExportSettings, exportAs, exportOnnx, type Proof, prove } from "./export";
export { type FitGoal, type FitInputs, type Fitted, fit } from "./fit";
export type { Files } from "./given";
export { builtinImages, type ImageArray, type Images, type ReadImagesOptions, readImages } from "./images";
export { builtinNetwork, type Network, type ReadNetworkOptions, readNetwork } from "./network";
export type { ProvedKind } from "./platform";
export { type PredictOptions, predict } from "./predict";
export { type FoundAssignment, type Quantized, quantize, type SearchInputs, search } from "./quantize";
export type { RunInputs, Settings } from "./settings";
