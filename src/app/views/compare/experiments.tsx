/** Experiments: what to vary, the queue's progress, and the table that grows with it. Every run of one is kept as any other. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Experiment } from "../../../session/experiments/experiment";
import { READY_MADE } from "../../../session/recipe/ready-made";
import { withoutBits } from "../../../session/search/result";
import { type GridChoice, gridExperiment, parsed } from "../../compare/grid";
import { missingInputs } from "../../state/files";
import { useLab } from "../../state/react";
import { isBusy } from "../../state/view";
import { Button } from "../../ui/button";
import { Choice } from "../../ui/choice";
import styles from "./compare.module.css";
import { Elsewhere } from "./elsewhere";
import { GridFields } from "./grid-fields";
import { ResultsTable } from "./results-table";
import { SeedsField } from "./seeds-field";

const START: GridChoice = { methods: ["nearest", "brecq"], weights: [4, 2], activations: [32], units: ["block"], seeds: 1 };

export function Experiments(): React.ReactNode {
  const { t } = useTranslation("compare");
  const recipe = useLab((lab) => lab.recipe);
  // Experiments are about common widths: bits of single layers would hold in every row.
  const base = useMemo(() => withoutBits(recipe), [recipe]);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const missing = useLab((lab) => missingInputs(lab).length > 0);
  const queue = useLab((lab) => lab.view.queue);
  const compare = useLab((lab) => lab.compare);
  const [name, setName] = useState("grid");
  const [grid, setGrid] = useState(START);
  const [seeds, setSeeds] = useState(1);
  const [elsewhere, setElsewhere] = useState(false);
  const plan = useMemo(
    () =>
      parsed(() => (name === "grid" ? gridExperiment(grid, base) : { ...READY_MADE[name], seeds: Array.from({ length: seeds }, (_, i) => i) }), base),
    [name, grid, seeds, base],
  );
  const options = [
    ["grid", t("experiments.grid")] as const,
    ...Object.entries(READY_MADE).map(([key, one]) => [key, (one as Experiment).title] as const),
  ];
  return (
    <section className={`${styles.part} ${styles.experiments}`} aria-label={t("experiments.title")}>
      <h2>{t("experiments.title")}</h2>
      <Choice
        label={t("experiments.label")}
        value={name}
        options={options}
        isDisabled={busy}
        help={name === "grid" ? null : <span lang="en">{(READY_MADE[name] as Experiment).note}</span>}
        onChange={setName}
      />
      {name === "grid" ? (
        <GridFields choice={grid} disabled={busy} onChange={setGrid} />
      ) : (
        <SeedsField seeds={seeds} disabled={busy} onChange={setSeeds} />
      )}
      {missing ? (
        <p className={styles.warning}>{t("experiments.missing")}</p>
      ) : (
        <p className={styles.dim}>
          {"error" in plan ? <span lang="en">{plan.error}</span> : t("experiments.plan", { rows: plan.rows, runs: plan.runs })}
        </p>
      )}
      <div className={styles.buttons}>
        <Button
          look="primary"
          isDisabled={busy || missing || "error" in plan}
          onPress={() => ("experiment" in plan ? compare(plan.experiment) : undefined)}
        >
          {t("experiments.run")}
        </Button>
        <Button isDisabled={"error" in plan} onPress={() => setElsewhere(!elsewhere)} aria-expanded={elsewhere}>
          {t("experiments.elsewhere")}
        </Button>
      </div>
      {elsewhere && "experiment" in plan ? <Elsewhere experiment={plan.experiment} /> : null}
      {queue ? <ResultsTable queue={queue} busy={busy} /> : null}
    </section>
  );
}
