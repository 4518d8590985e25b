/** Quantization to a goal instead of by settings. */
import { BadInput } from "../base/errors";
import { artifactOf, type QuantizedArtifact } from "../export/artifact";
import type { SensitivityTable } from "../search/sensitivity/table";
import { type Goal, lossGoal, sizeGoal } from "../session/fit/goal";
import { runFit } from "../session/fit/run";
import { FIT_DEFAULTS, type FitSettings } from "../session/fit/settings";
import type { FitVerdict, TriedCandidate } from "../session/fit/state";
import { fitVerdictText } from "../session/fit/verdict";
import { NETWORKS } from "./network";
import { platform } from "./platform";
import { QUANTIZED, type Quantized } from "./quantize";
import { type RunInputs, runOf } from "./settings";

/** At most so many bytes ("100kB", "0.5MB", a number of bytes, or what uniform bits take: "3bit", "2bit+10%"), or at most so many points lost. */
export type FitGoal = { readonly size: string | number } | { readonly lose: number };

export interface FitInputs extends RunInputs {
  readonly goal: FitGoal;
  /** Widths of weights to choose from: 2, 3, 4, 6 and 8 without it. */
  readonly bits?: readonly number[];
  /** Sensitivity of rounding to nearest (without it), or of layers that are reconstructed at each width. */
  readonly measure?: FitSettings["measure"];
  /** Candidates that are reconstructed at most: 5 without it. */
  readonly tries?: number;
  /** A table that an earlier search or fit measured: nothing is measured again. */
  readonly table?: SensitivityTable;
}

/** The best network that was found, which is exported and predicts as any other; `report.recipe` is what makes it again. */
export interface Fitted extends Quantized {
  /** Whether the goal is met, and what was lost. */
  readonly verdict: FitVerdict;
  /** The verdict in a sentence. */
  readonly sentence: string;
  /** Everything that was looked at, smallest first; `measured` is null where it was not reconstructed. */
  readonly tried: readonly TriedCandidate[];
  readonly table: SensitivityTable;
}

/**
 * Quantizes a network to a goal: measures sensitivity, searches bit widths, reconstructs a few candidates and keeps the best. Under a
 * size that is what loses least; within a loss, the smallest. Losses are points of top-1 on the evaluation images, which the choice
 * is made by; without labels, percent of images that change class. Units are trained by the preset "quick" unless the settings say how.
 * Where the goal is missed it gives the best that was found, and the verdict says so.
 *
 * @throws {@link BadInput} where even the narrowest widths are too large, or settings are not allowed
 * @throws {@link Cancelled} where the signal stops it
 */
export async function fit(given: FitInputs): Promise<Fitted> {
  const { goal, bits = FIT_DEFAULTS.bits, measure = FIT_DEFAULTS.measure, tries = FIT_DEFAULTS.tries, table = null, ...inputs } = given;
  const training = inputs.recipe ?? inputs.preset ?? inputs.iterations ?? inputs.learningRate ?? inputs.annealing;
  const settings: FitSettings = { goal: goalOf(goal), bits, measure, tries, table, preset: training === undefined ? FIT_DEFAULTS.preset : null };
  let artifact: QuantizedArtifact | null = null;
  const { report, verdict, tried, ...rest } = await runFit({
    ...{ ...runOf(inputs), settings, store: null },
    openDevice: (recipe) => platform().openDevice(recipe),
    inputs: NETWORKS.of(given.network).inputs,
    keep: (network, own, evidence) => {
      artifact = artifactOf(network, own, evidence);
    },
  });
  if (!artifact) throw new Error("The fit kept no network");
  const shown: Fitted = { report, verdict, sentence: fitVerdictText(verdict), tried, table: rest.table };
  QUANTIZED.make(shown, { artifact, network: given.network });
  return shown;
}

function goalOf(goal: FitGoal): Goal {
  if ("lose" in goal) return lossGoal(goal.lose);
  if (typeof goal.size === "string") return sizeGoal(goal.size);
  if (!(Number.isInteger(goal.size) && goal.size > 0))
    throw new BadInput(`A size of ${goal.size} is no goal; expected whole bytes, or text as "100kB".`);
  return { kind: "size", limit: goal.size };
}
