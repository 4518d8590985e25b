/** What all methods have in common: what they are given, what they return, and what they report on the way. */

import type { DatasetTensor, Device } from "../../engine/device";
import type { Graph, Layer, ValueId } from "../../graph/types";
import type { ActivationQParams } from "../../network/quantized";
import type { Segment } from "../../passes/partition";
import type { UnitKind } from "../../passes/unit-kinds";
import type { ActivationOptions } from "../activation-bits";
import type { Checkpoints } from "../checkpoints";
import { type QParams, quantizeNearest } from "../quantizer";
import type { LossSamples } from "../training/keeper";
import type { UnitRounding } from "../training/rounding-sample";
import type { UnitOptions } from "../unit-cache";
import type { Phase, UnitOutcome } from "../unit-change";

/** How the scales of activations are trained (LSQ). */
export interface ScaleTraining {
  readonly learn: boolean;
  readonly iterations: number;
  readonly learningRate: number;
}

export interface MethodOptions extends UnitOptions {
  readonly device: Device;
  /** The full-precision network, batch normalization folded. */
  readonly graph: Graph;
  /** Preprocessed calibration images, [count, height * width * channels]. */
  readonly images: DatasetTensor;
  /** Null leaves activations at full precision. */
  readonly activations: (ActivationOptions & ScaleTraining) | null;
  readonly unit: UnitKind;
  readonly observer: MethodObserver;
  readonly checkpoints?: Checkpoints | null;
}

export interface MethodObserver {
  unitStarted(unit: Segment, index: number, count: number, phase: Phase): void | Promise<void>;
  losses(samples: LossSamples): void | Promise<void>;
  /** Scales of activations are searched, this share of them found; units come before or after. */
  calibrating(share: number): void | Promise<void>;
  /** Where the rounding variables of the unit in training stand; methods that have none say nothing. */
  rounding(sample: UnitRounding): void | Promise<void>;
  /** @param network as it is now, this unit quantized; it goes on growing */
  unitDone(unit: Segment, outcome: UnitOutcome, phase: Phase, network: QuantizedNetwork): void | Promise<void>;
  /** Between units: may stop the run by throwing. */
  breathe(): void | Promise<void>;
}

/** For runs that nobody watches. */
export const SILENT: MethodObserver = { unitStarted() {}, losses() {}, calibrating() {}, rounding() {}, unitDone() {}, breathe() {} };

/** A network as it is quantized: what has no entry is at full precision. */
export interface QuantizedNetwork {
  /** The network to run: a method may have rewritten it (DFQ equalizes it). */
  readonly graph: Graph;
  readonly kernels: Map<string, Float32Array>;
  /** How each quantized kernel's integers become its weights, by node name: bits, scales and zero points as they ended. */
  readonly weights: Map<string, QParams>;
  readonly biases: Map<string, Float32Array>;
  readonly quantizers: Map<ValueId, ActivationQParams>;
}

/** How a method of the catalog is carried out. */
export interface Method {
  quantize(options: MethodOptions): Promise<QuantizedNetwork>;
}

/** Rounds layers of the network to nearest, without any training. */
export function roundToNearest(network: QuantizedNetwork, layerQParams: ReadonlyMap<Layer, QParams>): void {
  for (const [{ name, operation }, qparams] of layerQParams) {
    network.kernels.set(name, quantizeNearest(operation.kernel.data, qparams));
    network.weights.set(name, qparams);
  }
}

export function emptyNetwork(graph: Graph): QuantizedNetwork {
  return { graph, kernels: new Map(), weights: new Map(), biases: new Map(), quantizers: new Map() };
}
