/** The losses of the run that is shown, live: all units of a phase, the chosen one with its curves in earlier runs. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useRuns } from "../runs/live";
import { usePlace } from "../state/place";
import { useLab } from "../state/react";
import { SegmentBar } from "../ui/segments";
import type { LossField, UnitCurve } from "./curves";
import { LossChart } from "./loss-chart";
import styles from "./loss-panel.module.css";
import { PinnedRuns } from "./pinned-runs";
import { pinnedSeries, unitSeries } from "./series";
import { useCurves } from "./use-curves";

export function LossPanel(): React.ReactNode {
  const { t } = useTranslation("charts");
  const units = useCurves();
  const recipe = useLab((lab) => lab.view.recipe);
  const current = useLab((lab) => lab.view.current);
  const unit = usePlace((place) => place.unit);
  const go = usePlace((place) => place.go);
  const kept = useRuns((state) => state.runs);
  const chosen = useRuns((state) => state.chosen);
  const [field, setField] = useState<LossField>("reconstruction");
  const [wanted, setWanted] = useState<UnitCurve["phase"] | null>(null);
  const training = current === null ? undefined : units[current];
  const phases = new Set(units.map(({ phase }) => phase));
  // What is trained now is shown, until a person says otherwise.
  const phase = wanted ?? training?.phase ?? "weights";
  const own = unitSeries(units, phase, field);
  const chosenUnit = own.find(({ key }) => key === unit);
  const strong = chosenUnit?.key ?? (training?.phase === phase ? training.unit : null);
  const pins = useMemo(() => kept.filter(({ id }) => chosen.includes(id)), [kept, chosen]);
  const pinned = useMemo(
    () => (unit !== null && field === "reconstruction" ? pinnedSeries(pins, unit, phase, chosenUnit?.style.colour ?? null) : []),
    [pins, unit, phase, field, chosenUnit?.style.colour],
  );
  const hasPhases = phases.size > 1;
  // The choices are not drawn anew with the curves.
  const aside = useMemo(
    () => (
      <span className={styles.choices}>
        {hasPhases ? (
          <SegmentBar
            aria-label={t("losses.phase")}
            value={phase}
            options={[
              ["weights", t("losses.weights")],
              ["activations", t("losses.activations")],
            ]}
            onChange={(next) => setWanted(next)}
          />
        ) : null}
        {phase === "weights" ? (
          <SegmentBar
            aria-label={t("losses.show")}
            value={field}
            options={[
              ["reconstruction", t("losses.reconstruction")],
              ["regularizer", t("losses.regularizer")],
            ]}
            onChange={(next) => setField(next)}
          />
        ) : null}
      </span>
    ),
    [hasPhases, phase, field, t],
  );
  if (!recipe || units.length === 0) return null;
  const trained = phase === "weights" ? recipe.iterations : (recipe.activations?.iterations ?? 1);
  const hardened = phase === "weights" && units.some(isRegularized);
  return (
    <section className={styles.panel} aria-label={t("losses.title")} data-curves={units.length}>
      <LossChart
        title={t(`losses.${field}`)}
        field={field}
        series={[...own, ...pinned]}
        iterations={trained}
        hardening={hardened ? Math.floor(recipe.annealing.warmup * trained) + 1 : null}
        strong={strong}
        onPick={(key) => (own.some((one) => one.key === key) ? go({ unit: key === unit ? null : key, layer: null }) : undefined)}
        aside={aside}
      />
      <PinnedRuns unit={unit} />
    </section>
  );
}

/** Whether the regularizer has set in. */
function isRegularized(curve: UnitCurve): boolean {
  const { high } = curve.reduced("regularizer");
  return (high[high.length - 1] ?? 0) > 0;
}
