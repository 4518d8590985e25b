/** How much a fit will compute, in multiply-accumulates: what its one progress is made of. */
import { totalMacs } from "../../graph/macs";
import { shapeOf } from "../../graph/queries";
import { type Graph, sizeOf } from "../../graph/types";
import { partition } from "../../passes/partition";
import { planEntries } from "../../search/sensitivity/entries";
import type { Recipe } from "../recipe/recipe";
import { plannedWork } from "../run/plan";
import type { WorkKind } from "./progress";
import type { FitSettings } from "./settings";

/** Images that sensitivity is measured on at most, and random probes of each (search/sensitivity/measure). */
const [IMAGES, PROBES] = [256, 4];
/** What a multiply-accumulate outside of the kernels costs, by one inside; and tries of a scale for each weight. */
const [SLOWER, SCALES] = [16, 100];

/** @param images for calibration and for evaluation */
export function fitWork(
  graph: Graph,
  recipe: Recipe,
  { bits, measure, table }: Pick<FitSettings, "bits" | "measure" | "table">,
  images: { readonly images: number; readonly evaluation: number },
): Record<WorkKind, number> {
  // Without images for evaluation results are judged on those of the calibration.
  const { total } = plannedWork(graph, recipe, { calibration: images.images, judged: images.evaluation || images.images });
  const attempt = Object.values(total).reduce((sum, one) => sum + one, 0);
  if (table) return { sensitivity: 0, try: attempt };
  const measured = Math.min(IMAGES, images.images);
  const segments = partition(graph, "block");
  const { entries } = planEntries({ graph, segments, bits: [...bits].sort((a, b) => a - b), weights: recipe.weights, activations: null });
  const whole = totalMacs(graph);
  let work = 3 * PROBES * measured * whole;
  for (const [i, block] of segments.entries()) {
    const tail = segments.slice(i + 1).reduce((sum, { layers }) => sum + totalMacs(graph, layers), 0);
    work += 3 * PROBES * measured * tail;
    const own = totalMacs(graph, block.layers);
    const compared = SLOWER * PROBES * sizeOf(shapeOf(graph, block.output));
    const trained = measure === "nearest" ? 0 : 3 * own * recipe.batch * recipe.iterations;
    work += entries.filter((entry) => entry.block === block).length * (measured * (own + compared) + trained);
    for (const { operation } of block.layers) work += SCALES * bits.length * operation.kernel.data.length;
  }
  return { sensitivity: work, try: attempt };
}
