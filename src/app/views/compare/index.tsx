/**
 * Compare: the runs that are kept, those of them that are chosen over the depth of the network and side by side, and
 * experiments, which make more of them. What is chosen can be printed as a report.
 */
import { Printer } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/format";
import { useRuns } from "../../runs/live";
import { useLab } from "../../state/react";
import { isBusy } from "../../state/view";
import { Boundary } from "../../ui/boundary";
import { Button } from "../../ui/button";
import { ByClass } from "./by-class";
import styles from "./compare.module.css";
import { Experiments } from "./experiments";
import { Overlay } from "./overlay";
import { RunsTable } from "./runs-table";
import { RunsTools } from "./runs-tools";
import { SideBySide, VerdictLine } from "./sides";

export function CompareView(): React.ReactNode {
  // The charts' messages too: the view must not wait, and vanish, when the first run is chosen.
  const { t } = useTranslation(["compare", "charts"]);
  const empty = useRuns((state) => state.runs.length === 0);
  return (
    <div className={styles.view}>
      <section className={`${styles.part} ${styles.list}`}>
        <h2>{t("runs.title")}</h2>
        <p className={styles.dim}>{empty ? t("runs.none") : t("runs.intro")}</p>
        {empty ? null : <RunsTable />}
        <RunsTools />
      </section>
      <Boundary name={t("overlay.title")}>
        <Chosen />
      </Boundary>
      <Boundary name={t("experiments.title")}>
        <Experiments />
      </Boundary>
    </div>
  );
}

function Chosen(): React.ReactNode {
  const { t } = useTranslation("compare");
  const format = useFormat();
  const kept = useRuns((state) => state.runs);
  const ids = useRuns((state) => state.chosen);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const change = useLab((lab) => lab.change);
  const files = useLab((lab) => lab.recipe);
  const chosen = ids.flatMap((id) => kept.find((run) => run.id === id) ?? []);
  const [only] = chosen;
  if (!only) return null;
  return (
    <section className={styles.part} aria-label={t("overlay.title")} data-chosen={chosen.length}>
      <div className={styles.head}>
        <h2>{t("overlay.title")}</h2>
        <div className={styles.buttons}>
          {chosen.length === 1 ? (
            <Button
              isDisabled={busy}
              onPress={() => {
                // Network and images stay as they are given; the settings come from the run.
                const { model: _model, calibration: _calibration, evaluation: _evaluation, ...settings } = only.report.recipe;
                change({ ...settings, threads: files.threads, memory: files.memory });
              }}
            >
              {t("runs.take")}
            </Button>
          ) : null}
          <Button onPress={() => window.print()}>
            <Printer aria-hidden />
            {t("print")}
          </Button>
        </div>
      </div>
      <p className={styles.printed}>{t("printed", { date: format.date(new Date()) })}</p>
      <ul className={styles.verdicts}>
        {chosen.map((run) => (
          <li key={run.id}>
            <strong>{run.name}</strong>: <VerdictLine run={run} />
          </li>
        ))}
      </ul>
      <Overlay chosen={chosen} />
      <SideBySide chosen={chosen} />
      <ByClass chosen={chosen} />
    </section>
  );
}
