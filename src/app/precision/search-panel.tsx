/** Mixed precision: measure sensitivity, search under limits, look at the maps, take the bits or measure a sweep. */

import { useState } from "react";
import { useLab } from "../state/react";
import { missingInputs } from "../state/store";
import { isBusy } from "../state/view";
import { onDemand } from "../ui/lazy";
import { FIELD_DEFAULTS, isOutdated, settingsFrom } from "./search";
import { SearchFields } from "./search-fields";

const SearchResults = onDemand(async () => (await import("./search-results")).SearchResults);
const SensitivityMaps = onDemand(async () => (await import("./sensitivity-maps")).SensitivityMaps);
const TradeoffView = onDemand(async () => (await import("./tradeoff-view")).TradeoffView);

export function SearchPanel(): React.ReactNode {
  const busy = useLab((lab) => isBusy(lab.view.state));
  const sensitivity = useLab((lab) => lab.view.sensitivity);
  const results = useLab((lab) => lab.view.search);
  const tradeoff = useLab((lab) => lab.view.tradeoff);
  const search = useLab((lab) => lab.search);
  const outdated = useLab((lab) => isOutdated(lab.searched, lab.recipe));
  const missing = useLab((lab) => missingInputs(lab).length > 0);
  const [fields, setFields] = useState(FIELD_DEFAULTS);
  const [shown, setShown] = useState(0);
  const settings = settingsFrom(fields);
  const result = results[Math.min(shown, results.length - 1)] ?? null;
  return (
    <section className="panel" aria-label="Mixed precision">
      <h2>Mixed precision</h2>
      <div className="experiment">
        <SearchFields fields={fields} disabled={busy} onChange={(change) => setFields({ ...fields, ...change })} />
        {"error" in settings ? <p className="field-error">{settings.error}</p> : null}
        <div className="run-buttons">
          <button
            type="button"
            className="primary"
            disabled={busy || missing || "error" in settings}
            onClick={() => {
              setShown(0);
              if ("limits" in settings) search(settings);
            }}
          >
            Search
          </button>
        </div>
      </div>
      {busy && sensitivity && sensitivity.done < sensitivity.total ? (
        <progress aria-label="Progress of the measurement" max={sensitivity.total} value={sensitivity.done} />
      ) : null}
      {sensitivity && outdated ? (
        <p className="warning">The settings have changed since this search in what it depends on. Search again before you apply its bit widths.</p>
      ) : null}
      {result ? <SearchResults results={results} shown={result} onShow={setShown} /> : null}
      {tradeoff ? <TradeoffView tradeoff={tradeoff} /> : null}
      {sensitivity ? <SensitivityMaps table={sensitivity.table} result={result} /> : null}
    </section>
  );
}
