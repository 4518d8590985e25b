/** Files in which the quantized network, and what is told of it, leaves the lab. */
import { EXPORT_CATALOG, EXPORT_KINDS } from "../../export/catalog";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";

export function ExportPanel(): React.ReactNode {
  const report = useLab((lab) => lab.view.report);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const save = useLab((lab) => lab.export);
  if (!report) return null;
  return (
    <section className="panel" aria-label="Take it with you">
      <h2>Take it with you</h2>
      <ul className="exports">
        {EXPORT_KINDS.map((kind) => (
          <li key={kind}>
            <button type="button" disabled={busy} onClick={() => save(kind)} data-testid={`export-${kind}`}>
              {EXPORT_CATALOG[kind].title}
            </button>
            <span className="faint">{EXPORT_CATALOG[kind].about}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
