/** From kept runs to lines over the depth of the network. */
import type { DepthPoint, DepthSeries } from "../../charts/depth-layout";
import { runStyle } from "../../charts/series-style";
import type { KeptRun, KeptSoFar } from "../../runs/record";

/** Share of the layers up to the end of each unit, by its name. */
export function depthsOf({ outline }: Pick<KeptRun, "outline">): Map<string, number> {
  const total = outline.reduce((sum, { layers }) => sum + layers, 0);
  let before = 0;
  return new Map(
    outline
      .filter(({ layers }) => layers > 0)
      .map(({ name, layers }) => {
        before += layers;
        return [name, before / total];
      }),
  );
}

/** What a run was at after each unit, the last that was said of each, in the order of depth. */
function pointsOf(run: KeptRun, method: KeptSoFar["method"], value: (soFar: KeptSoFar) => number | null): DepthPoint[] {
  const depths = depthsOf(run);
  const last = new Map(run.soFar.filter((one) => one.method === method).map((one) => [one.name, one]));
  return [...last.values()]
    .flatMap((one) => {
      const [depth, own] = [depths.get(one.name), value(one)];
      return depth === undefined || own === null ? [] : [{ depth, value: own, name: one.name }];
    })
    .sort((a, b) => a.depth - b.depth);
}

export type Measure = "top1" | "agreement" | "noise";

/** Top-1 is drawn where every run has labels, else agreement. */
export function accuracyMeasure(runs: readonly KeptRun[]): "top1" | "agreement" {
  return runs.every(({ soFar }) => soFar.every(({ top1 }) => top1 !== null)) ? "top1" : "agreement";
}

/**
 * A line for each run, in its own look wherever it appears, and one for nearest rounding, which looks the same everywhere:
 * of each run that differs in it from those before, for runs of the same widths share it.
 */
export function depthSeries(runs: readonly KeptRun[], measure: Measure, nearest: (run: string) => string): DepthSeries[] {
  const of = (soFar: KeptSoFar) => soFar[measure];
  const own = runs.map((run, i) => ({ key: run.id, label: run.name, style: runStyle(i), points: pointsOf(run, "quantized", of) }));
  const seen = new Set<string>();
  const rounded = runs.flatMap((run) => {
    const points = pointsOf(run, "nearest", of);
    const same = JSON.stringify(points);
    if (points.length === 0 || seen.has(same)) return [];
    seen.add(same);
    const style = { colour: "var(--nearest)", dash: seen.size === 1 ? "none" : "5 4", marker: "square" as const };
    return [{ key: `${run.id} nearest`, label: nearest(run.name), style, points }];
  });
  return [...own.filter(({ points }) => points.length > 0), ...rounded];
}
