/**
 * What every export is made from: the network as it was quantized, and what its run told. The session's reports and
 * recipes are handed in as they are; the types here name only what exports read of them, so that this module needs no
 * session.
 */

import { layersOf } from "../graph/queries";
import type { Graph, Layer, ValueId } from "../graph/types";
import type { UnitKind } from "../passes/unit-kinds";
import type { MethodName } from "../quantize/methods/catalog";
import type { QuantizedNetwork } from "../quantize/methods/method";
import type { OnnxContainer } from "./catalog";

/** Accuracy in percent; `top1` is null without labels, and of positions for segmentation, which has a mean IoU too. */
export interface ExportedAccuracy {
  readonly top1: number | null;
  readonly agreement: number;
  readonly meanIou?: number | null;
  readonly images: number;
}

/** A unit's training, as session/run/report.ts has it. */
export interface ExportedUnit {
  readonly name: string;
  readonly phase: "weights" | "activations";
  /** Short names. */
  readonly layers: readonly string[];
  readonly bits: readonly number[];
  readonly loss: { readonly first: number; readonly last: number; readonly sampled: readonly (readonly [iteration: number, loss: number])[] };
  /** Share of roundings that had settled. */
  readonly settled: number;
  readonly seconds: number;
}

/** What exports read of a run's report. */
export interface ExportedReport {
  readonly arithmetic?: number;
  readonly device: { readonly kind: "wasm" | "webgpu"; readonly description: string };
  /** Bytes of the network; absent in reports of earlier versions. */
  readonly size?: { readonly fullPrecision: number; readonly quantized: number };
  readonly evaluatedOn: "evaluation" | "calibration";
  readonly accuracy: Readonly<Record<"fullPrecision" | "nearest" | "quantized", ExportedAccuracy>>;
  readonly units: readonly ExportedUnit[];
  readonly diagnosis: readonly {
    readonly name: string;
    /** Decibels; null where there is no error. */
    readonly sqnr: number | null;
    readonly cosine: number;
    readonly only: ExportedAccuracy | null;
    readonly without: ExportedAccuracy | null;
  }[];
  readonly warnings: readonly string[];
  readonly seconds: Readonly<Record<string, number>>;
  readonly fingerprint: { readonly rounding: string; readonly result?: string | undefined };
}

/** What exports read of a recipe; all of it is written as JSON. */
export interface ExportedRecipe {
  readonly model: { readonly name: string };
  readonly method: MethodName;
  readonly unit: UnitKind;
  readonly weights: { readonly bits: number; readonly scale: string; readonly granularity: string; readonly symmetric: boolean };
  readonly activations: { readonly bits: number; readonly scale: string } | null;
  readonly preprocessing: unknown;
}

/** Of each layer, the loss in nats that it adds at each of the widths that were measured; of a fixed one, at its own. */
export interface ExportedSensitivity {
  readonly bits: readonly number[];
  readonly layers: readonly { readonly name: string; readonly losses: readonly number[]; readonly fixed: number | null }[];
}

/** What a run judged its network on, and what it gave: proofs of exports run the same images (session/run/evidence.ts). */
export interface Evidence {
  /** Images that a proof runs: the first of those that results were judged on. */
  readonly count: number;
  /** The network's input for images [first, first + count), [count, height, width, channels]. */
  images(first: number, count: number): Float32Array;
  /** [images, positions]; null without. */
  readonly labels: Int32Array | null;
  readonly classes: number;
  /** Positions of an image that have scores of their own: 1 for classification. */
  readonly positions: number;
  /** [images, positions, classes], of the quantized network and at full precision. */
  readonly logits: Float32Array;
  readonly fullPrecision: Float32Array;
  /** The quantized network's for some of the images, each weight moved by about a rounding error; null where activations are not quantized. */
  readonly moved: Float32Array | null;
}

export interface QuantizedArtifact {
  /** As it ran: batch normalization folded, rewritten where the method rewrites (DFQ). It is the network's own. */
  readonly graph: Graph;
  readonly network: QuantizedNetwork;
  readonly report: ExportedReport;
  readonly recipe: ExportedRecipe;
  /** The sensitivity table of the search that chose the widths, where there was one (search/sensitivity/table.ts). */
  readonly sensitivity?: ExportedSensitivity | null;
  readonly evidence: Evidence;
}

export interface ExportedFile {
  /** A name, or a path below a folder with "/" between its parts. */
  readonly name: string;
  /** Media type. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface ExportOptions {
  /** What the files are called, without an ending. */
  readonly name: string;
  /** The narrowest type that weights may be stored in; int8 by default. Only ONNX files read it. */
  readonly onnxContainer?: OnnxContainer;
}

/** How a network leaves the lab in one form: the files, the main one first. */
export type Exporter = (artifact: QuantizedArtifact, options: ExportOptions) => Promise<ExportedFile[]>;

/** The parameters' names in exported files. */
export interface ParameterNames {
  readonly kernel: string;
  readonly bias: string;
}

/** What each layer's kernel and bias are called in exports, by the layer's name: the names of the file that the network was
 * read from, else the layer's with ".weight" and ".bias". Layers that shared a tensor have one each here. */
export function parameterNames(graph: Graph): Map<string, ParameterNames> {
  const taken = new Set<string>();
  const unique = (name: string | undefined, other: string) => {
    const chosen = name === undefined || taken.has(name) ? other : name;
    taken.add(chosen);
    return chosen;
  };
  return new Map(
    layersOf(graph).map(({ name, operation: { kernel, bias } }) => [
      name,
      { kernel: unique(kernel.source?.name, `${name}.weight`), bias: unique(bias?.source?.name, `${name}.bias`) },
    ]),
  );
}

/** What a value is called in exports: the name of the file that the network was read from, else its own. */
export function tensorName(graph: Graph, value: ValueId): string {
  return graph.names?.get(value) ?? value;
}

/** A layer's bias as the quantized network adds it, in float32; null where it has none. */
export function biasOf({ name, operation }: Layer, { biases }: Pick<QuantizedNetwork, "biases">): Float32Array | null {
  return biases.get(name) ?? operation.bias?.data ?? null;
}

/** Text as a file's bytes. */
export function textFile(name: string, type: string, text: string): ExportedFile {
  return { name, type, bytes: new TextEncoder().encode(text) };
}

/** The artifact of a finished run. */
export function artifactOf(
  network: QuantizedNetwork,
  report: ExportedReport & { readonly recipe: ExportedRecipe },
  evidence: Evidence,
): QuantizedArtifact {
  return { graph: network.graph, network, report, recipe: report.recipe, evidence };
}
