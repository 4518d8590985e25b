/** Files in which the quantized network, and what is told of it, leaves the lab; and what came out when a runtime ran them. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EXPORT_CATALOG, EXPORT_KINDS, ONNX_CONTAINERS, type OnnxContainer } from "../../../export/catalog";
import type { Report } from "../../../session/run/report";
import { useLab } from "../../state/react";
import { isBusy, type Proof } from "../../state/view";
import { Button } from "../../ui/button";
import { Choice } from "../../ui/choice";
import { save } from "../../ui/save";
import styles from "./exports.module.css";

export function Exports({ report }: { readonly report: Report }): React.ReactNode {
  const { t } = useTranslation("quantize");
  const proofs = useLab((lab) => lab.view.proofs);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const write = useLab((lab) => lab.export);
  const [container, setContainer] = useState<OnnxContainer>("int8");
  return (
    <ul className={styles.exports}>
      {EXPORT_KINDS.map((kind) => (
        <li key={kind}>
          <Button isDisabled={busy} onPress={() => write(kind, container)} data-testid={`export-${kind}`}>
            {EXPORT_CATALOG[kind].title}
          </Button>
          <div>
            <p className={styles.about}>{t(`exports.${kind}`)}</p>
            {kind === "onnx" ? (
              <Choice<OnnxContainer>
                label={t("exports.container")}
                help={t("exports.containerHelp")}
                value={container}
                options={ONNX_CONTAINERS.map((name) => [name, t(`exports.containers.${name}`)])}
                onChange={setContainer}
              />
            ) : null}
            <ProofText proof={proofs[kind]} />
          </div>
        </li>
      ))}
      <li>
        <Button onPress={() => save("report.json", "application/json", JSON.stringify(report, null, 2))}>{t("exports.report")}</Button>
        <p className={styles.about}>{t("exports.reportAbout")}</p>
      </li>
    </ul>
  );
}

/** What came out when a runtime ran the file. */
function ProofText({ proof }: { readonly proof: Proof | undefined }): React.ReactNode {
  if (!proof) return null;
  return (
    <div aria-live="polite" lang="en" className={proof.passed ? styles.passed : styles.refused} data-testid="proof" data-passed={proof.passed}>
      <p>{proof.verdict}</p>
      <ul>
        {proof.measurements.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
