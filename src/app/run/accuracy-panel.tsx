/** Full precision, nearest rounding and reconstruction, side by side. */

import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import { ACCURACIES, type Accuracy, type AccuracyName } from "../../session/run/report";
import { useLab } from "../state/react";

const TITLES: Readonly<Record<AccuracyName, string>> = {
  fullPrecision: "Full precision",
  nearest: "Nearest rounding",
  quantized: "Quantized",
};

/** What a figure is of: labels where there are some, full precision otherwise. */
function accuracyText({ top1, meanIou, agreement, images }: Accuracy, role: "test" | "calibration"): string {
  if (top1 === null) return `agreement with full precision on ${images} ${role} images without labels`;
  const what = meanIou === undefined ? "top-1" : `pixel accuracy; mean IoU ${meanIou?.toFixed(2)} %`;
  return `${what}; agrees with full precision on ${agreement.toFixed(2)} % of ${images} ${role} images`;
}

export function AccuracyPanel(): React.ReactNode {
  const accuracy = useLab((lab) => lab.view.accuracy);
  const set = useLab((lab) => lab.recipe);
  const shown = useLab((lab) => lab.view.recipe);
  const row = useLab((lab) => lab.view.queue?.current);
  const recipe = shown ?? set;
  const widths = `W${recipe.weights.assignment ? " mixed" : recipe.weights.bits}${recipe.activations ? ` A${recipe.activations.assignment ? " mixed" : recipe.activations.bits}` : ""}`;
  return (
    <section className="panel" aria-label="Accuracy">
      <h2>Accuracy</h2>
      {row ? <p className="faint">Of the experiment's run {row}.</p> : null}
      <div className="accuracies">
        {ACCURACIES.map((name) => {
          const value = accuracy[name];
          const main = value ? (value.top1 ?? value.agreement) : null;
          return (
            <div className={`accuracy accuracy-${name}`} key={name} data-testid={`accuracy-${name}`}>
              <h3>
                {name === "quantized" ? METHOD_CATALOG[recipe.method].title : TITLES[name]}
                <span>{name === "fullPrecision" ? "32 bit" : widths}</span>
              </h3>
              <p className="figure">{main === null ? "–" : `${main.toFixed(2)} %`}</p>
              <div className="meter" aria-hidden="true">
                <div style={{ width: `${main ?? 0}%` }} />
              </div>
              <p className="faint">{value ? accuracyText(value, recipe.evaluation ? "test" : "calibration") : "not measured yet"}</p>
            </div>
          );
        })}
      </div>
    </section>
  );
}
