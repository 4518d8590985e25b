/** Run, cancel, how far it is, what went wrong. */

import { preprocessingText } from "../../session/recipe/preprocessing-text";
import { memoryText } from "../../session/run/memory-text";
import { useLab } from "../state/react";
import { missingInput } from "../state/store";
import { isBusy } from "../state/view";
import { save } from "../ui/save";

const STATE_TEXT = {
  idle: "Choose a network, or take the demo.",
  loading: "Loading",
  ready: "Ready.",
  calibrating: "Preparing",
  quantizing: "Quantizing",
  evaluating: "Evaluating",
  done: "Done.",
  cancelled: "Cancelled. What was measured stays below.",
  failed: "Stopped.",
} as const;

export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function RunBar(): React.ReactNode {
  const state = useLab((lab) => lab.view.state);
  const progress = useLab((lab) => lab.view.progress);
  const device = useLab((lab) => lab.view.device);
  const memory = useLab((lab) => lab.view.memory);
  const error = useLab((lab) => lab.view.error);
  const report = useLab((lab) => lab.view.report);
  const seconds = useLab((lab) => lab.view.seconds);
  const run = useLab((lab) => lab.run);
  const cancel = useLab((lab) => lab.cancel);
  const share = useLab((lab) => lab.share);
  const busy = isBusy(state);
  const recipe = useLab((lab) => lab.view.recipe);
  const missing = useLab(missingInput);
  const calibrated = useLab((lab) => lab.recipe.calibration.kind === "files");
  const useBuiltinImages = useLab((lab) => lab.useBuiltinImages);
  const change = useLab((lab) => lab.change);
  const left = busy && progress?.secondsLeft != null ? `, ${duration(progress.secondsLeft)} left` : "";
  return (
    <section className="panel run-bar" aria-label="Run">
      <div className="run-buttons">
        <button type="button" className="primary" disabled={busy || missing !== null} onClick={run}>
          Run
        </button>
        <button type="button" disabled={!busy} onClick={cancel}>
          Cancel
        </button>
        <button type="button" disabled={!report || busy} onClick={() => void share()}>
          Share
        </button>
        {report ? (
          <button type="button" onClick={() => save("report.json", "application/json", JSON.stringify(report, null, 2))}>
            Report
          </button>
        ) : null}
      </div>
      <div className="run-state">
        <p role="status" data-state={state}>
          {busy && progress ? `${progress.text}${left}` : state === "ready" && missing ? "Images are missing." : STATE_TEXT[state]}
          {state === "done" && seconds !== null ? ` ${duration(seconds)}.` : ""}
        </p>
        <progress aria-label="Progress of the run" max={1} value={state === "done" ? 1 : busy ? (progress?.fraction ?? 0) : 0} />
        {device ? (
          <p className="faint">
            Computed on {device.description} ({device.reason}).
          </p>
        ) : null}
        {recipe ? <p className="faint">Preprocessing: {preprocessingText(recipe.preprocessing)}.</p> : null}
        {memory ? <p className="faint">{memoryText(memory.estimate, memory.plan)}</p> : null}
        {missing && !busy ? (
          <p className="warning">
            {missing}{" "}
            {calibrated ? (
              <button type="button" className="quiet" onClick={() => change({ evaluation: null })}>
                I have none: judge on the calibration images
              </button>
            ) : (
              <button type="button" className="quiet" onClick={useBuiltinImages}>
                Use the built-in images all the same
              </button>
            )}
          </p>
        ) : null}
        {error ? (
          <p className="error" role="alert">
            {error}
          </p>
        ) : null}
      </div>
    </section>
  );
}
