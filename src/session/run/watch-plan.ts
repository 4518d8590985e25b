/**
 * How closely a run is watched: by how many images, and after which units accuracy is measured. It may cost 3 % of a run's time,
 * for which 2 % of its multiply-accumulates are planned: small passes are less efficient than training (of the demo, 103 images took 4.3 % of
 * the time for 3 % of the work). Where units are many or training is short, fewer images of the sample are taken, and then fewer units are measured, the last
 * one always. Noise is measured at every unit.
 *
 * Runs that optimize little are short whatever they are watched by: a walk of less than a second is allowed to all.
 */
import type { Graph } from "../../graph/types";
import { partition, type Segment } from "../../passes/partition";
import { walkMacs } from "../../quantize/so-far";
import { unitsOf, untrainedLayers } from "../../quantize/units";
import { type Recipe, workingUnit } from "../recipe/recipe";
import { SHOWN } from "../watch/choose";
import { watchedCount } from "../watch/sample";

/** Share of a run's multiply-accumulates that watching it may add, and what it always may; the fewest images. */
const [SHARE, FREE_MACS, LEAST] = [0.02, 2 ** 34, 24];

export interface WatchPlan {
  /** Images of the sample that accuracy is measured on. */
  readonly images: number;
  /** Units, by their index, after which it is measured. */
  readonly points: ReadonlySet<number>;
  /** Multiply-accumulates of a curve from the first unit to each, by unit: what comes on top of the one before. */
  readonly work: readonly number[];
  /** Of one curve. */
  readonly curve: number;
  /** How many curves are drawn. */
  readonly curves: number;
}

/** The network's segments, and those of them that are units: the first with all that precedes it. */
export function watchedUnits(graph: Graph, recipe: Recipe): { segments: Segment[]; units: Segment[] } {
  const segments = partition(graph, workingUnit(recipe));
  return { segments, units: unitsOf(segments, untrainedLayers(graph, recipe.weights)) };
}

/** @param run multiply-accumulates of the run itself; @param trainsScales whether it has a phase for activations */
export function planWatch(graph: Graph, recipe: Recipe, available: number, run: number, trainsScales: boolean): WatchPlan {
  const { segments, units } = watchedUnits(graph, recipe);
  const { walk, answers } = walkMacs(graph, segments);
  const after = units.map((unit) => answers[segments.indexOf(unit)] as number);
  const curves = trainsScales ? 3 : 2;
  const limit = Math.max(FREE_MACS, SHARE * run);
  const most = Math.min(available, watchedCount(graph));
  const last = units.length - 1;
  for (let every = 1; ; every *= 2) {
    const points = new Set(units.map((_, i) => i).filter((i) => (last - i) % every === 0));
    const image = [...points].reduce((sum, i) => sum + (after[i] as number), walk);
    const affordable = Math.floor(limit / (curves * image)) - SHOWN;
    if (affordable < Math.min(LEAST, most) && points.size > 1) continue;
    const images = Math.max(Math.min(LEAST, most), Math.min(most, affordable));
    const each = images + Math.min(SHOWN, most);
    const work = units.map((_, i) => each * (walk / units.length + (points.has(i) ? (after[i] as number) : 0)));
    return { images, points, work, curve: work.reduce((sum, one) => sum + one, 0), curves };
  }
}
