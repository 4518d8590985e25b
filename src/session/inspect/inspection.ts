/** What is asked of a layer, and what is found: data without code, which a worker sends to a page. All sizes are bounded. */
import type { Shape } from "../../graph/types";

export interface InspectAsk {
  /** A layer of the network, by its node's name. */
  readonly layer: string;
  /** Of a finished run, its fingerprint's, to be sure that it is the one that is meant; null before a run: the recipe's network rounded to nearest. */
  readonly rounding: string | null;
  /** The output channel whose weights are counted; null for all. */
  readonly channel: number | null;
  /** Whose output is looked at: the layer's own, or that of the unit that it is reconstructed in. */
  readonly at: "layer" | "unit";
  /** Place of the image whose feature maps are shown, among all that results are judged on. */
  readonly image: number;
  /** Channels whose feature maps are shown, MAPS at most; null takes those of the largest error at nearest rounding. */
  readonly maps: readonly number[] | null;
}

/** Feature maps in one answer. */
export const MAPS = 8;

export interface Inspection {
  readonly ask: InspectAsk;
  /** Name of the unit that the layer is reconstructed in. */
  readonly unit: string;
  /** Whether there is a reconstructed network beside the one rounded to nearest. */
  readonly reconstructed: boolean;
  /** Null for a layer in float. */
  readonly weights: WeightsInspection | null;
  /** Null until it is computed, which takes a moment longer than the weights. */
  readonly output: OutputInspection | null;
  /** The images that are missing, where there is no output to look at. */
  readonly withoutOutput: "test" | "calibration" | null;
  /** Whether all is there that will come. */
  readonly complete: boolean;
}

/** Counts of weights along the grid: bin i holds those of [first + i * width, first + (i + 1) * width), in levels. */
export interface GridHistogram {
  readonly first: number;
  readonly width: number;
  readonly counts: Uint32Array;
}

export interface WeightsInspection {
  /** [kh, kw, in, out] or [in, out]. */
  readonly shape: Shape;
  readonly bits: number;
  /** Levels 0 to 2^bits - 1: of output channel c, level q is the weight (q - zero[c]) * scale[c]; one of each where all channels share them. */
  readonly scale: Float32Array;
  readonly zero: Int32Array;
  /** The least and the greatest weight of each output channel at full precision. */
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** Weights that are counted: all, or those of the channel asked for. */
  readonly count: number;
  /** Full-precision weights by their place on the grid, w / scale + zero. The edges between levels are edges between bins. */
  readonly full: GridHistogram;
  /** Weights at each level. */
  readonly nearest: Uint32Array;
  readonly reconstructed: Uint32Array | null;
  /** Of the counted weights, how many lie more than half a step beyond the grid's ends: the range cuts them off. */
  readonly clipped: number;
  /** Some of the counted weights, evenly spread: place in the kernel's data, place on the grid, and levels. */
  readonly sample: {
    readonly index: Uint32Array;
    readonly position: Float32Array;
    readonly nearest: Int16Array;
    readonly reconstructed: Int16Array | null;
  };
  readonly flips: Flips | null;
  /** Whether the reconstructed network kept scales, zero points and full-precision weights as nearest rounding has them. */
  readonly sameGrid: boolean;
  /** Of the kernel: in float32, and at its width with a float32 scale and a byte of zero point for each grid. */
  readonly bytes: { readonly float: number; readonly quantized: number };
}

/** Weights that the method rounded elsewhere than to the level that is nearest on its own grid. */
export interface Flips {
  readonly total: number;
  /** Of those, to a higher level, and by more than one. */
  readonly up: number;
  readonly far: number;
  /** By output channel, and the weights that each has. */
  readonly byChannel: Uint32Array;
  readonly each: number;
  /**
   * Of the weights between two levels, by how far they are beyond the lower one, in twentieths of a step: how many there are,
   * and how many the method put on a level above. Nearest rounding does so from the middle on.
   */
  readonly byFraction: { readonly weights: Uint32Array; readonly up: Uint32Array };
  /** Chosen level minus nearest level, in the kernel's order (channels last), or of one channel's weights alone; null where even that is too large. */
  readonly map: { readonly channel: number | null; readonly differences: Int8Array } | null;
}

export interface OutputInspection {
  readonly at: InspectAsk["at"];
  /** Of one image's output: channels last. */
  readonly shape: Shape;
  /** Whether a layer's output is taken after the activation that alone follows it. */
  readonly activated: boolean;
  /** Images that errors are measured on, evenly spread over as many as `of`. */
  readonly images: number;
  readonly of: number;
  readonly on: "test" | "calibration";
  /** Mean square at full precision, by channel. */
  readonly signal: Float32Array;
  /** Rows, columns and pixels along each side of a cell over which errors by position are averaged. */
  readonly grid: MapGrid;
  readonly nearest: OutputError;
  readonly reconstructed: OutputError | null;
  readonly maps: FeatureMaps;
}

/** Positions as rows and columns, where they are many in cells of `cell` pixels square. */
export interface MapGrid {
  readonly rows: number;
  readonly columns: number;
  readonly cell: number;
}

/** How far an output is from full precision's, all layers up to it being quantized. */
export interface OutputError {
  /** Power of the error over power of the full-precision output; null where that is all zero. */
  readonly noise: number | null;
  /** Mean squared errors, by channel, and by position as [rows, columns]. */
  readonly byChannel: Float32Array;
  readonly byPosition: Float32Array;
}

export interface FeatureMaps {
  readonly picture: {
    readonly height: number;
    readonly width: number;
    readonly channels: number;
    readonly pixels: Uint8Array;
    readonly label: string | null;
  };
  /** [rows, columns] each, means over cells where positions are many. */
  readonly channels: readonly {
    readonly channel: number;
    readonly full: Float32Array;
    readonly nearest: Float32Array;
    readonly reconstructed: Float32Array | null;
    /** What the reconstructed network is measured against where its method rewrote the network; else `full`. */
    readonly reference: Float32Array;
  }[];
}
