/** An experiment's rows, sortable, with the curves of those that are ticked and the files to take away. */

import { useState } from "react";
import { type Mean, meanText, type ResultRow, resultsCsv, resultsMarkdown } from "../../session/experiments/results";
import type { QueueView } from "../state/view";
import { onDemand } from "../ui/lazy";
import { save } from "../ui/save";

const OverlayChart = onDemand(async () => (await import("./overlay-chart")).OverlayChart);

interface Column {
  readonly title: string;
  readonly help: string;
  value(row: ResultRow): Mean | null;
  readonly digits: number;
}

const COLUMNS: readonly Column[] = [
  { title: "Top-1, %", help: "Mean over seeds ± standard deviation", value: (row) => row.top1, digits: 2 },
  { title: "Δ full", help: "Points above full precision", value: (row) => row.change, digits: 2 },
  { title: "Agreement, %", help: "Images in the same class as at full precision", value: (row) => row.agreement, digits: 2 },
  {
    title: "Nearest, %",
    help: "Top-1 (or agreement) of nearest rounding with the same bits",
    value: (row) => row.nearest.top1 ?? row.nearest.agreement,
    digits: 2,
  },
  { title: "Seconds", help: "For one run", value: (row) => row.seconds, digits: 0 },
];

function download(name: string, type: string, text: () => string): React.ReactNode {
  return (
    <button type="button" onClick={() => save(name, type, text())}>
      {name.split(".").at(-1)?.toUpperCase()}
    </button>
  );
}

export function ResultsTable({ queue, busy }: { readonly queue: QueueView; readonly busy: boolean }): React.ReactNode {
  const [sort, setSort] = useState<{ column: number; down: boolean } | null>(null);
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const rows = [...queue.results];
  if (sort) {
    const key = (row: ResultRow) => COLUMNS[sort.column]?.value(row)?.mean ?? Number.NEGATIVE_INFINITY;
    rows.sort((a, b) => (sort.down ? key(b) - key(a) : key(a) - key(b)));
  }
  const done = queue.results.reduce((sum, row) => sum + row.seeds.length + row.failures.length, 0);
  return (
    <div className="results" data-testid="results" data-done={done}>
      <p aria-live="polite">
        {queue.title}: {done} of {queue.total} runs{busy && queue.current ? `, now ${queue.current}` : ""}.
      </p>
      <progress aria-label="Progress of the experiment" max={queue.total} value={done} />
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Curves</th>
              <th scope="col">Run</th>
              <th scope="col">Seeds</th>
              {COLUMNS.map(({ title, help }, column) => (
                <th key={title} scope="col" title={help} aria-sort={sort?.column === column ? (sort.down ? "descending" : "ascending") : "none"}>
                  <button type="button" className="quiet" onClick={() => setSort({ column, down: sort?.column === column ? !sort.down : true })}>
                    {title}
                    {sort?.column === column ? (sort.down ? " ↓" : " ↑") : ""}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.label}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Curves of ${row.label}`}
                    checked={ticked.includes(row.label)}
                    onChange={(event) => setTicked(event.target.checked ? [...ticked, row.label] : ticked.filter((label) => label !== row.label))}
                  />
                </td>
                <th scope="row">
                  {row.label}
                  {row.failures.map((failure) => (
                    <span key={failure} className="field-error">
                      {failure}
                    </span>
                  ))}
                </th>
                <td>{row.seeds.length}</td>
                {COLUMNS.map(({ title, value, digits }) => (
                  <td key={title}>{meanText(value(row), digits)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <OverlayChart runs={ticked.map((label) => ({ label, curves: queue.curves[label]?.[0] ?? null }))} />
      {rows.length > 0 ? (
        <p className="run-buttons">
          {download("results.csv", "text/csv", () => resultsCsv(queue.results))}
          {download("results.json", "application/json", () => JSON.stringify(queue.results, null, 2))}
          {download("results.md", "text/markdown", () => resultsMarkdown(queue.results))}
        </p>
      ) : null}
    </div>
  );
}
