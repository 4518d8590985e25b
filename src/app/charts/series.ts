/** The series of a loss chart: the shown run's units in one phase, and one unit's curves in earlier runs. */
import type { KeptRun } from "../runs/record";
import type { LossField, UnitCurve } from "./curves";
import type { LossSeries } from "./loss-layout";
import { runStyle, unitStyle } from "./series-style";

/** A unit's place among all units decides its style, the same in both phases. */
export function unitSeries(units: readonly UnitCurve[], phase: UnitCurve["phase"], field: LossField): LossSeries[] {
  const names = [...new Set(units.map(({ unit }) => unit))];
  return units
    .filter((curve) => curve.phase === phase)
    .map((curve) => ({
      key: curve.unit,
      label: curve.unit,
      style: unitStyle(names.indexOf(curve.unit)),
      curve: curve.reduced(field),
      pinned: false,
    }));
}

/**
 * The reconstruction losses of a unit in kept runs, in colours that the unit itself does not have. Methods differ in what they
 * reconstruct at once: where a run has no unit of the name, its units within it, or the one that holds it, are taken.
 */
export function pinnedSeries(runs: readonly KeptRun[], unit: string, phase: UnitCurve["phase"], own: string | null): LossSeries[] {
  let place = 0;
  return runs.flatMap((run) =>
    curvesAt(run, unit, phase).map((curve) => {
      let style = runStyle(place++);
      if (style.colour === own) style = runStyle(place++);
      const label = curve.unit === unit ? run.name : `${run.name}: ${curve.unit}`;
      return { key: `${run.id} ${curve.unit}`, label, style: { ...style, dash: style.dash === "none" ? "4 3" : style.dash }, curve, pinned: true };
    }),
  );
}

/** "layer1.0" holds "layer1.0/conv1". */
export function curvesAt({ curves }: Pick<KeptRun, "curves">, unit: string, phase: UnitCurve["phase"]): KeptRun["curves"] {
  const own = curves.filter((curve) => curve.phase === phase && curve.mean.length > 0);
  const named = own.filter((curve) => curve.unit === unit);
  return named.length > 0 ? named : own.filter((curve) => curve.unit.startsWith(`${unit}/`) || unit.startsWith(`${curve.unit}/`));
}
