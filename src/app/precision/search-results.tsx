/** What was found under each limit, beside what it is compared with; its bits to take, and all of them to measure. */
import { useState } from "react";
import { meanText } from "../../session/experiments/results";
import type { SearchResult } from "../../session/search/result";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { SeedsField } from "../ui/seeds-field";
import { costText, widthsText } from "./search";
import { FrontChart, GenerationChart } from "./search-charts";
import { SweepChart } from "./sweep-chart";

interface SearchResultsProps {
  readonly results: readonly SearchResult[];
  readonly shown: SearchResult;
  onShow(index: number): void;
}

const loss = (value: number | undefined) => value?.toPrecision(4) ?? "–";

export function SearchResults({ results, shown, onShow }: SearchResultsProps): React.ReactNode {
  const { weights } = useLab((lab) => lab.recipe);
  const sweep = useLab((lab) => lab.sweep);
  const rows = useLab((lab) => lab.view.queue?.results);
  const measured = sweep?.points.filter(({ kind }) => kind === "mixed").map((point) => rows?.find(({ label }) => label === point.row));
  const take = useLab((lab) => lab.take);
  const { optimum } = shown;
  const missed = optimum && optimum.predictedLoss < shown.predictedLoss * (1 - 1e-9) ? optimum : null;
  return (
    <div className="results" data-testid="searched">
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Limit</th>
              <th scope="col">Cost</th>
              <th scope="col">Layers</th>
              <th scope="col" title="Divergence from the full-precision network, to second order">
                Predicted loss
              </th>
              <th scope="col">Exact optimum</th>
              <th scope="col">Greedy</th>
              <th scope="col" title="What the Hessian's trace (HAWQ-V2) would choose under this limit, with the loss that this table predicts for it">
                HAWQ-V2
              </th>
              <th scope="col">Milliseconds</th>
              {measured ? <th scope="col">Measured, %</th> : null}
            </tr>
          </thead>
          <tbody>
            {results.map((result, index) => (
              <tr key={result.limit.text} className={result === shown ? "current" : ""}>
                <th scope="row">
                  <button type="button" className="quiet" aria-pressed={result === shown} onClick={() => onShow(index)}>
                    {result.limit.text}
                  </button>
                </th>
                <td>{costText(result)}</td>
                <td>{widthsText(result.assignment)}</td>
                <td>{loss(result.predictedLoss)}</td>
                <td title={result.tooLarge ? `The space is too large: ${result.tooLarge}` : undefined}>
                  {result.optimum ? loss(result.optimum.predictedLoss) : "space too large"}
                </td>
                <td>{loss(result.greedy?.predictedLoss)}</td>
                <td>{loss(result.hawq?.predictedLoss)}</td>
                <td>{result.milliseconds.toFixed(0)}</td>
                {measured ? <td>{meanText(measured[index]?.top1 ?? measured[index]?.agreement ?? null)}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.binding ? null : <p className="warning">This limit binds nothing: every layer at its widest keeps it.</p>}
      <p className="faint">Cost: {shown.limit.origin}.</p>
      <div className="run-buttons">
        <button type="button" className="primary" onClick={() => take(shown.assignment)}>
          Apply bit widths
        </button>
        {missed ? (
          <button type="button" onClick={() => take(missed.assignment)}>
            Apply the exact optimum's bit widths
          </button>
        ) : null}
        {weights.assignment ? (
          <button type="button" onClick={() => take(null)}>
            Back to uniform {weights.bits} bit
          </button>
        ) : null}
        <span className="faint">
          {weights.assignment ? "The recipe carries a bit width for each layer: press Run above to reconstruct and measure." : ""}
        </span>
      </div>
      <div className="charts">
        <GenerationChart result={shown} />
        <FrontChart key={`${shown.limit.text} ${shown.milliseconds}`} result={shown} />
      </div>
      <Sweep />
    </div>
  );
}

/** Reconstructs everything that was found and every uniform width, and draws accuracy against cost. */
function Sweep(): React.ReactNode {
  const busy = useLab((lab) => isBusy(lab.view.state));
  const begin = useLab((lab) => lab.beginSweep);
  const sweep = useLab((lab) => lab.sweep);
  const rows = useLab((lab) => lab.view.queue?.results);
  const [seeds, setSeeds] = useState(1);
  const [hawq, setHawq] = useState(false);
  return (
    <>
      <div className="run-buttons">
        <button type="button" disabled={busy} onClick={() => begin(seeds, hawq)}>
          Reconstruct and measure, with uniform widths
        </button>
        <SeedsField seeds={seeds} disabled={busy} onChange={setSeeds} />
        <label>
          <input type="checkbox" checked={hawq} disabled={busy} onChange={(event) => setHawq(event.target.checked)} /> HAWQ-V2's choices too
        </label>
        <span className="faint">The table grows under Compare.</span>
      </div>
      {sweep && rows ? <SweepChart sweep={sweep} rows={rows} /> : null}
    </>
  );
}
