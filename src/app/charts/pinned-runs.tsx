/** Which earlier runs are drawn beside the shown one: the same that are chosen to be compared. */
import { useTranslation } from "react-i18next";
import { runs, useRuns } from "../runs/live";
import styles from "./loss-panel.module.css";
import { curvesAt } from "./series";

/** Offered at most, starred ones first. */
const OFFERED = 8;

export function PinnedRuns({ unit }: { readonly unit: string | null }): React.ReactNode {
  const { t } = useTranslation("charts");
  const kept = useRuns((state) => state.runs);
  const chosen = useRuns((state) => state.chosen);
  const fitting = kept.filter((run) => (unit === null ? run.curves.length > 0 : curvesAt(run, unit, "weights").length > 0));
  const rank = ({ id, star }: { readonly id: string; readonly star: boolean }) => (chosen.includes(id) ? 0 : star ? 1 : 2);
  const offered = fitting.toSorted((a, b) => rank(a) - rank(b)).slice(0, OFFERED);
  if (offered.length === 0) return null;
  return (
    <fieldset className={styles.pins}>
      <legend>{t("losses.pins")}</legend>
      <div>
        {offered.map(({ id, name }) => (
          <label key={id}>
            <input type="checkbox" checked={chosen.includes(id)} onChange={(event) => runs.getState().choose(id, event.target.checked)} />
            {name}
          </label>
        ))}
      </div>
      {unit === null && offered.some(({ id }) => chosen.includes(id)) ? <p className={styles.hint}>{t("losses.pinHint")}</p> : null}
    </fieldset>
  );
}
