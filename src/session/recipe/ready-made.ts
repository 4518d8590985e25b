/** Experiments that come with the lab; each takes its network and images from where it is started. */
import { RECIPE_VERSION } from "./recipe";

export const READY_MADE: Readonly<Record<string, object>> = {
  league: {
    version: RECIPE_VERSION,
    title: "Every method, at 4 and 2 bit",
    note: "Nearest, DFQ, AdaRound, AdaQuant, Bit-Split, BRECQ and QDrop on the same images, weights only and with 4-bit activations.",
    recipe: {},
    grid: {
      "weights.bits": [4, 2],
      activations: [null, { bits: 4 }],
      method: ["nearest", "dfq", "adaround", "adaquant", "bitsplit", "brecq", "qdrop"],
    },
  },
  units: {
    version: RECIPE_VERSION,
    title: "What to reconstruct at once, at 2 bit",
    note: "The paper's first ablation: layer, block, stage and whole net under one schedule.",
    recipe: { weights: { bits: 2 }, iterations: 2000, learningRate: 0.01 },
    grid: { unit: ["layer", "block", "stage", "net"] },
  },
  bits: {
    version: RECIPE_VERSION,
    title: "Bits of the weights, from 8 to 2",
    note: "Block reconstruction beside nearest rounding.",
    recipe: { weights: { bits: 4 } },
    grid: { "weights.bits": [8, 6, 5, 4, 3, 2] },
  },
  losses: {
    version: RECIPE_VERSION,
    title: "How errors are weighed, at 2 bit",
    note: "Mean squared error, the paper's Fisher diagonal, and the release's two variants.",
    recipe: { weights: { bits: 2 } },
    grid: { loss: ["mse", "fisher_diag", "fisher_diag_damped", "fisher_full"] },
  },
  calibration: {
    version: RECIPE_VERSION,
    title: "How many calibration images, at 2 bit",
    note: "The first so many images of the set.",
    recipe: { weights: { bits: 2 } },
    grid: { "calibration.count": [32, 64, 128, 256, 512, 1024] },
  },
};
