/** Experiments: what to vary, the queue's progress, and the table that grows with it. */

import { useMemo, useState } from "react";
import type { Experiment } from "../../session/experiments/experiment";
import { READY_MADE } from "../../session/recipe/ready-made";
import { withoutBits } from "../../session/search/result";
import { useLab } from "../state/react";
import { missingInputs } from "../state/store";
import { isBusy } from "../state/view";
import { SeedsField } from "../ui/seeds-field";
import { type GridChoice, gridExperiment, parsed } from "./grid";
import { GridFields } from "./grid-fields";
import { ResultsTable } from "./results-table";

const START: GridChoice = { methods: ["nearest", "brecq"], weights: [4, 2], activations: [32], units: ["block"], seeds: 1 };

export function ComparePanel(): React.ReactNode {
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
  const plan = useMemo(
    () =>
      parsed(() => (name === "grid" ? gridExperiment(grid, base) : { ...READY_MADE[name], seeds: Array.from({ length: seeds }, (_, i) => i) }), base),
    [name, grid, seeds, base],
  );
  return (
    <section className="panel" aria-label="Compare">
      <h2>Compare</h2>
      <div className="experiment">
        <label>
          Experiment
          <select value={name} disabled={busy} onChange={(event) => setName(event.target.value)}>
            <option value="grid">A grid of your own</option>
            {Object.entries(READY_MADE).map(([key, value]) => (
              <option key={key} value={key}>
                {(value as Experiment).title}
              </option>
            ))}
          </select>
        </label>
        {name === "grid" ? (
          <GridFields choice={grid} disabled={busy} onChange={setGrid} />
        ) : (
          <>
            <p className="faint">{(READY_MADE[name] as Experiment).note}</p>
            <SeedsField seeds={seeds} disabled={busy} onChange={setSeeds} />
          </>
        )}
        <p className="faint">
          {"error" in plan
            ? plan.error
            : `${plan.rows} settings, ${plan.runs} runs, one after another, on the network and images to the left; what is not varied is as set there.`}
        </p>
        <div className="run-buttons">
          <button
            type="button"
            className="primary"
            disabled={busy || missing || "error" in plan}
            onClick={() => "experiment" in plan && compare(plan.experiment)}
          >
            Run experiment
          </button>
        </div>
      </div>
      {queue ? <ResultsTable queue={queue} busy={busy} /> : null}
    </section>
  );
}
