/**
 * The methods by name: what people call them, where they are described and what they work on. Apart from the
 * implementations (index.ts), so that the page and the schema need no training code.
 */

export const METHOD_NAMES = ["nearest", "dfq", "adaround", "adaquant", "bitsplit", "brecq", "qdrop"] as const;
export type MethodName = (typeof METHOD_NAMES)[number];

export interface MethodEntry {
  /** As people write it. */
  readonly title: string;
  /** Where it is described. */
  readonly paper: string;
  /** What it optimizes at once: the recipe's unit, single layers, or nothing. */
  readonly optimizes: "unit" | "layer" | "none";
  /** Whether iterations and learning rate mean anything to it. */
  readonly trains: boolean;
  /** Whether units always read the network quantized so far, whatever the recipe says of their inputs. */
  readonly fixedInputs: boolean;
}

export const METHOD_CATALOG: Readonly<Record<MethodName, MethodEntry>> = {
  nearest: { title: "Nearest", paper: "rounding to nearest; scales as chosen", optimizes: "none", trains: false, fixedInputs: true },
  dfq: {
    title: "DFQ",
    paper: "Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, ICCV 2019",
    optimizes: "none",
    trains: false,
    fixedInputs: true,
  },
  adaround: {
    title: "AdaRound",
    paper: "Nagel et al., Up or Down? Adaptive Rounding for Post-Training Quantization, ICML 2020",
    optimizes: "layer",
    trains: true,
    fixedInputs: false,
  },
  adaquant: {
    title: "AdaQuant",
    paper: "Hubara et al., Accurate Post Training Quantization With Small Calibration Sets, ICML 2021",
    optimizes: "layer",
    trains: true,
    fixedInputs: false,
  },
  bitsplit: {
    title: "Bit-Split",
    paper: "Wang et al., Towards Accurate Post-training Network Quantization via Bit-Split and Stitching, ICML 2020",
    optimizes: "layer",
    trains: false,
    fixedInputs: false,
  },
  brecq: {
    title: "BRECQ",
    paper: "Li et al., BRECQ: Pushing the Limit of Post-Training Quantization by Block Reconstruction, ICLR 2021",
    optimizes: "unit",
    trains: true,
    fixedInputs: false,
  },
  qdrop: {
    title: "QDrop",
    paper: "Wei et al., QDrop: Randomly Dropping Quantization for Extremely Low-bit Post-Training Quantization, ICLR 2022",
    optimizes: "unit",
    trains: true,
    fixedInputs: true,
  },
};
