/** What the run warns of, beside the figures that it concerns. */
import { isSamePreprocessing } from "../../data/preprocessing-presets";
import { useLab } from "../state/react";

export function WarningsPanel(): React.ReactNode {
  const warnings = useLab((lab) => lab.view.warnings);
  const advice = useLab((lab) => lab.view.advice);
  const preprocessing = useLab((lab) => lab.recipe.preprocessing);
  const change = useLab((lab) => lab.change);
  if (warnings.length === 0) return null;
  return (
    <section className="panel" aria-label="Warnings">
      <h2>Before you believe it</h2>
      {warnings.map((warning) => (
        <p key={warning} className="warning" role="note">
          {warning}{" "}
          {warning === advice?.message ? (
            <button
              type="button"
              className="quiet"
              disabled={isSamePreprocessing(preprocessing, advice.preprocessing)}
              onClick={() => change({ preprocessing: advice.preprocessing })}
            >
              {isSamePreprocessing(preprocessing, advice.preprocessing) ? "Taken: run again" : "Take this preprocessing"}
            </button>
          ) : null}
        </p>
      ))}
    </section>
  );
}
