/** The link that holds a run, and what became of a link that was opened. */
import { ARITHMETIC_VERSION } from "../../session/share/arithmetic";
import { compareResults } from "../../session/share/fingerprint";
import { useLab } from "../state/react";

export function SharePanel(): React.ReactNode {
  const link = useLab((lab) => lab.link);
  const notice = useLab((lab) => lab.notice);
  const expected = useLab((lab) => lab.expected);
  const report = useLab((lab) => lab.view.report);
  if (!link && !expected) return null;
  const outcome = expected && report ? compareResults(expected.fingerprint, report.fingerprint, expected.arithmetic) : null;
  return (
    <section className="panel" aria-label="Shared run">
      {expected && !report ? (
        <p>
          This link holds a run{expected.fingerprint.top1 === null ? "" : ` that reached ${expected.fingerprint.top1.toFixed(2)} % top-1`}. Press Run
          to reproduce it here.
        </p>
      ) : null}
      {outcome ? (
        outcome.kind === "reproduced" ? (
          <p className="good" data-testid="reproduced">
            Reproduced: accuracy, every unit's loss and every rounding decision are the same as in the link.
          </p>
        ) : (
          <div className="error" data-testid={outcome.kind}>
            <p>
              {outcome.kind === "otherArithmetic"
                ? `The link was computed with version ${outcome.version} of the lab's arithmetic, this lab computes with version ${ARITHMETIC_VERSION}. What came out otherwise:`
                : "Not the same as in the link:"}
            </p>
            <ul>
              {outcome.differences.map((difference) => (
                <li key={difference}>{difference}</li>
              ))}
            </ul>
          </div>
        )
      ) : null}
      {link ? (
        <label className="link">
          {notice} It holds the recipe and the result's fingerprint, no images and no weights.
          <input readOnly value={link} data-testid="link" onFocus={(event) => event.target.select()} />
        </label>
      ) : null}
    </section>
  );
}
