/** Mixed precision: measure sensitivity, search under a limit, look at the heatmaps, take the assignment. */
import { useState } from "react";
import { excessOf, type SensitivityTable } from "../../search/table";
import { shortName } from "../../session/network-view";
import { type SearchResult, settingsOf } from "../../session/search-result";
import type { SearchSettings } from "../../session/search-settings";
import { Heatmap } from "../charts/heatmap";
import { FrontChart, GenerationChart } from "../charts/search-charts";
import { useLab } from "../state/react";
import { limitText, settingsFrom } from "../state/search";
import { isBusy } from "../state/view";

const COSTS = [
  ["size", "model size"],
  ["bitops", "bit operations"],
  ["latency:fpga", "latency, FPGA (modelled)"],
  ["latency:arm", "latency, ARM CPU (modelled)"],
  ["table", "a table of your own"],
] as const;

export function SearchPanel(): React.ReactNode {
  const busy = useLab((lab) => isBusy(lab.view.state));
  const sensitivity = useLab((lab) => lab.view.sensitivity);
  const results = useLab((lab) => lab.view.search);
  const search = useLab((lab) => lab.search);
  const [cost, setCost] = useState<string>("size");
  const [amount, setAmount] = useState("3bit");
  const [bits, setBits] = useState<readonly number[]>([2, 4, 8]);
  const [measure, setMeasure] = useState<SearchSettings["measure"]>("nearest");
  const [table, setTable] = useState<{ name: string; text: string } | null>(null);
  const settings = settingsFrom({ limit: `${cost}=${amount}`, bits, measure, table });
  const result = results.at(-1);
  return (
    <section className="panel" aria-label="Mixed precision">
      <h2>Mixed precision</h2>
      <div className="experiment">
        <div className="axes">
          <label>
            Limit on{" "}
            <select value={cost} disabled={busy} onChange={(event) => setCost(event.target.value)}>
              {COSTS.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
          <label title="A number in the cost's unit, or what uniform bits cost: 3bit, 2bit+10%">
            of at most <input value={amount} size={9} disabled={busy} onChange={(event) => setAmount(event.target.value)} />
          </label>
          <label>
            Sensitivity{" "}
            <select value={measure} disabled={busy} onChange={(event) => setMeasure(event.target.value as SearchSettings["measure"])}>
              <option value="nearest">of layers rounded to nearest (quick)</option>
              <option value="reconstructed">of layers reconstructed at each width</option>
            </select>
          </label>
          {cost === "table" ? (
            <label>
              Costs, CSV or JSON{" "}
              <input
                type="file"
                accept=".csv,.json"
                onChange={(event) => {
                  const file = event.target.files?.[0];
                  if (file) void file.text().then((text) => setTable({ name: file.name, text }));
                }}
              />
            </label>
          ) : null}
        </div>
        <fieldset className="axis" disabled={busy}>
          <legend>Widths to choose from</legend>
          {[2, 3, 4, 5, 6, 7, 8].map((width) => (
            <label key={width}>
              <input
                type="checkbox"
                checked={bits.includes(width)}
                onChange={(event) => setBits(event.target.checked ? [...bits, width].sort() : bits.filter((one) => one !== width))}
              />
              {width}
            </label>
          ))}
        </fieldset>
        {"error" in settings ? <p className="field-error">{settings.error}</p> : null}
        <div className="run-buttons">
          <button type="button" className="primary" disabled={busy || "error" in settings} onClick={() => "limits" in settings && search(settings)}>
            Search
          </button>
        </div>
      </div>
      {sensitivity && sensitivity.done < sensitivity.total ? (
        <progress aria-label="Progress of the measurement" max={sensitivity.total} value={sensitivity.done} />
      ) : null}
      {result ? <Found result={result} /> : null}
      {sensitivity ? <Heatmaps table={sensitivity.table} result={result ?? null} /> : null}
    </section>
  );
}

function Found({ result }: { readonly result: SearchResult }): React.ReactNode {
  const weights = useLab((lab) => lab.recipe.weights);
  const change = useLab((lab) => lab.change);
  const best = result.optimum ? `; the exact optimum has ${result.optimum.predictedLoss.toPrecision(4)}` : "";
  return (
    <div className="results" data-testid="searched">
      <p>
        Found in {result.milliseconds.toFixed(0)} ms: {limitText(result)}, predicted loss {result.predictedLoss.toPrecision(4)} (greedy descent{" "}
        {result.greedy.predictedLoss.toPrecision(4)}
        {best}). Cost: {result.limit.origin}.
      </p>
      <div className="run-buttons">
        <button
          type="button"
          className="primary"
          onClick={() => change({ weights: { ...weights, assignment: settingsOf(result.assignment)["weights.assignment"] ?? null } })}
        >
          Take these bits
        </button>
        {weights.assignment ? (
          <button type="button" onClick={() => change({ weights: { ...weights, assignment: null } })}>
            Back to uniform {weights.bits} bit
          </button>
        ) : null}
        <span className="faint">
          {weights.assignment ? "The recipe carries bits for each layer: press Run above to reconstruct and measure." : ""}
        </span>
      </div>
      <div className="charts">
        <GenerationChart result={result} />
        <FrontChart result={result} />
      </div>
    </div>
  );
}

function Heatmaps({ table, result }: { readonly table: SensitivityTable; readonly result: SearchResult | null }): React.ReactNode {
  const free = table.layers.filter(({ fixed }) => fixed === null);
  const chosenOf = (name: string) => {
    const bits = result?.assignment.find(({ layer }) => layer === name)?.bits;
    return bits === undefined ? null : table.bits.indexOf(bits);
  };
  return (
    <div className="charts">
      <Heatmap
        title="Sensitivity: predicted loss of one layer quantized"
        rows={free.map(({ name }) => shortName(name))}
        columns={table.bits.map((bits) => `${bits} bit`)}
        values={free.map(({ losses }) => losses.map((loss) => (loss === 0 ? null : loss)))}
        chosen={free.map(({ name }) => chosenOf(name))}
      />
      {table.pairs.length > 0 ? (
        <Heatmap
          title={`Interaction of two layers at ${table.bits[0]} bit`}
          rows={table.pairs.map(({ a, b }) => `${shortName(a)} + ${shortName(b).split("/").at(-1)}`)}
          columns={["joint", "beyond both"]}
          values={table.pairs.map((pair) => (pair.joint === 0 ? [null, null] : [pair.joint, excessOf(table, pair)]))}
        />
      ) : null}
    </div>
  );
}
