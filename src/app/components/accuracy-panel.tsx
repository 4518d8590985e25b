/** Full precision, nearest rounding and reconstruction, side by side. */
import { ACCURACIES, type AccuracyName } from "../../session/report";
import { useLab } from "../state/react";

const TITLES: Readonly<Record<AccuracyName, string>> = {
  fullPrecision: "Full precision",
  nearest: "Nearest rounding",
  quantized: "BRECQ",
};

export function AccuracyPanel(): React.ReactNode {
  const accuracy = useLab((lab) => lab.view.accuracy);
  const recipe = useLab((lab) => lab.recipe);
  return (
    <section className="panel" aria-label="Accuracy">
      <h2>Accuracy</h2>
      <div className="accuracies">
        {ACCURACIES.map((name) => {
          const value = accuracy[name];
          const main = value ? (value.top1 ?? value.agreement) : null;
          return (
            <div className={`accuracy accuracy-${name}`} key={name} data-testid={`accuracy-${name}`}>
              <h3>
                {TITLES[name]}
                <span>{name === "fullPrecision" ? "32 bit" : `${recipe.weights.bits} bit`}</span>
              </h3>
              <p className="figure">{main === null ? "–" : `${main.toFixed(2)} %`}</p>
              <div className="meter" aria-hidden="true">
                <div style={{ width: `${main ?? 0}%` }} />
              </div>
              <p className="faint">
                {value
                  ? `${value.top1 === null ? "agreement; no labels" : `top-1; agrees with full precision on ${value.agreement.toFixed(2)} %`} of ${value.images} images`
                  : "not measured yet"}
              </p>
            </div>
          );
        })}
      </div>
    </section>
  );
}
