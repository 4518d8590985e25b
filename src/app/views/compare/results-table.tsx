/** An experiment's rows, sortable, with the curves of those that are ticked and the files to take away. */
import { Download } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Mean, meanText, type ResultRow, resultsCsv, resultsMarkdown } from "../../../session/experiments/results";
import { runs, useRuns } from "../../runs/live";
import type { QueueView } from "../../state/view";
import { Button } from "../../ui/button";
import { save } from "../../ui/save";
import table from "../../ui/table.module.css";
import styles from "./compare.module.css";

interface Column {
  readonly name: "top1" | "change" | "agreement" | "nearest" | "seconds";
  readonly digits: number;
  value(row: ResultRow): Mean | null;
}

const COLUMNS: readonly Column[] = [
  { name: "top1", value: (row) => row.top1, digits: 2 },
  { name: "change", value: (row) => row.change, digits: 2 },
  { name: "agreement", value: (row) => row.agreement, digits: 2 },
  { name: "nearest", value: (row) => row.nearest.top1 ?? row.nearest.agreement, digits: 2 },
  { name: "seconds", value: (row) => row.seconds, digits: 0 },
];

export function ResultsTable({ queue, busy }: { readonly queue: QueueView; readonly busy: boolean }): React.ReactNode {
  const { t } = useTranslation("compare");
  const [sort, setSort] = useState<{ column: number; down: boolean } | null>(null);
  const rows = [...queue.results];
  if (sort) {
    const key = (row: ResultRow) => COLUMNS[sort.column]?.value(row)?.mean ?? Number.NEGATIVE_INFINITY;
    rows.sort((a, b) => (sort.down ? key(b) - key(a) : key(a) - key(b)));
  }
  const done = queue.results.reduce((sum, row) => sum + row.seeds.length + row.failures.length, 0);
  const download = (kind: string, type: string, text: () => string) => (
    <Button look="quiet" onPress={() => save(`results.${kind}`, type, text())}>
      {kind.toUpperCase()}
    </Button>
  );
  return (
    <div className={styles.results} data-testid="results" data-done={done}>
      <p aria-live="polite">
        {t("experiments.progress", { title: queue.title, done, total: queue.total })}
        {busy && queue.current ? `, ${t("experiments.now", { current: queue.current })}` : ""}
      </p>
      <progress aria-label={t("experiments.progressLabel")} max={queue.total} value={done} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <section className={table.scroll} tabIndex={0} aria-label={queue.title}>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">{t("experiments.row")}</th>
              <th scope="col">{t("experiments.seeds")}</th>
              {COLUMNS.map(({ name }, column) => {
                const title = t(`experiments.${name}`);
                const down = sort?.column === column ? sort.down : null;
                return (
                  <th key={name} scope="col" aria-sort={down === null ? "none" : down ? "descending" : "ascending"}>
                    <Button
                      look="quiet"
                      aria-label={t("experiments.sort", { column: title })}
                      onPress={() => setSort({ column, down: down !== true })}
                    >
                      {title}
                      {down === null ? "" : down ? " ↓" : " ↑"}
                    </Button>
                  </th>
                );
              })}
              <th scope="col">{t("runs.choose")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.label}>
                <th scope="row">
                  {row.label}
                  {row.failures.map((failure) => (
                    <span key={failure} className={styles.bad} lang="en">
                      {failure}
                    </span>
                  ))}
                </th>
                <td>{row.seeds.length}</td>
                {COLUMNS.map(({ name, value, digits }) => (
                  <td key={name}>{meanText(value(row), digits)}</td>
                ))}
                <td>
                  <Tick row={row} experiment={queue.title} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className={styles.dim}>{t("experiments.tableHelp")}</p>
      {rows.length > 0 ? (
        <p className={styles.buttons}>
          <Download aria-hidden className={styles.icon} />
          {download("csv", "text/csv", () => resultsCsv(queue.results))}
          {download("json", "application/json", () => JSON.stringify(queue.results, null, 2))}
          {download("md", "text/markdown", () => resultsMarkdown(queue.results))}
        </p>
      ) : null}
    </div>
  );
}

/** Chooses the kept run of a row's first seed, so that its curves are drawn with those of the other chosen runs. */
function Tick({ row, experiment }: { readonly row: ResultRow; readonly experiment: string }): React.ReactNode {
  const { t } = useTranslation("compare");
  const kept = useRuns((state) => state.runs);
  const chosen = useRuns((state) => state.chosen);
  const run = kept.find((one) => one.experiment === experiment && one.label === row.label && one.report.recipe.seed === row.seeds[0]);
  if (!run) return null;
  return (
    <label className={styles.tick}>
      <input
        type="checkbox"
        aria-label={t("experiments.curvesOf", { label: row.label })}
        checked={chosen.includes(run.id)}
        onChange={(event) => runs.getState().choose(run.id, event.target.checked)}
      />
    </label>
  );
}
