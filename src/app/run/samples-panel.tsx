/** Test images with what the networks say before and after. */
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import { useLab } from "../state/react";
import { Picture } from "../ui/picture";

function Prediction({ who, says, right }: { readonly who: string; readonly says: string; readonly right: string }): React.ReactNode {
  const fine = says === right;
  return (
    <li className={fine ? "good" : "bad"}>
      <span>{who}</span> {says} {fine ? "✓" : "✗"}
    </li>
  );
}

export function SamplesPanel(): React.ReactNode {
  const samples = useLab((lab) => lab.view.samples);
  const method = useLab((lab) => (lab.view.recipe ?? lab.recipe).method);
  if (samples.length === 0) return null;
  return (
    <section className="panel" aria-label="Test images">
      <h2>Test images</h2>
      <p className="faint">Chosen where the networks disagree; ✓ and ✗ compare with the label, or with full precision where there is none.</p>
      <ul className="samples">
        {samples.map((sample, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: samples arrive once, as a whole
          <li key={index} className="sample">
            <Picture picture={sample} label={sample.label ?? "test image"} />
            <ul>
              {(["fullPrecision", "nearest", "quantized"] as const).map((name) => (
                <Prediction
                  key={name}
                  who={{ fullPrecision: "full", nearest: "nearest", quantized: METHOD_CATALOG[method].title }[name]}
                  says={sample.predictions[name]}
                  right={sample.label ?? sample.predictions.fullPrecision}
                />
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}
