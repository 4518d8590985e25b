/** Files in which the quantized network, and what is told of it, leaves the lab. */
import { useState } from "react";
import { CONTAINER_TEXTS, EXPORT_CATALOG, EXPORT_KINDS, ONNX_CONTAINERS, type OnnxContainer } from "../../export/catalog";
import { useLab } from "../state/react";
import { isBusy, type Proof } from "../state/view";
import { Choice } from "../ui/fields";

export function ExportPanel(): React.ReactNode {
  const report = useLab((lab) => lab.view.report);
  const proofs = useLab((lab) => lab.view.proofs);
  const progress = useLab((lab) => lab.view.progress);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const save = useLab((lab) => lab.export);
  const [container, setContainer] = useState<OnnxContainer>("int8");
  if (!report) return null;
  return (
    <section className="panel" aria-label="Take it with you">
      <h2>Take it with you</h2>
      {busy && progress ? <p className="faint">{progress.text} …</p> : null}
      <ul className="exports">
        {EXPORT_KINDS.map((kind) => (
          <li key={kind}>
            <button type="button" disabled={busy} onClick={() => save(kind, container)} data-testid={`export-${kind}`}>
              {EXPORT_CATALOG[kind].title}
            </button>
            <div>
              <span className="faint">{EXPORT_CATALOG[kind].about}</span>
              {kind === "onnx" && (
                <Choice<OnnxContainer>
                  className="field-short"
                  label="Weights stored as"
                  help="The narrowest type of the file's weights. Every runtime reads INT8; the narrow ones need opset 21 or 25."
                  value={container}
                  options={ONNX_CONTAINERS.map((name) => [name, CONTAINER_TEXTS[name]])}
                  onChange={setContainer}
                />
              )}
              <ProofText proof={proofs[kind]} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What came out when a runtime ran the file. */
function ProofText({ proof }: { readonly proof: Proof | undefined }): React.ReactNode {
  if (!proof) return null;
  return (
    <div aria-live="polite" className={proof.passed ? "proof" : "proof error"} data-testid="proof">
      <p>{proof.verdict}</p>
      <ul>
        {proof.measurements.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
