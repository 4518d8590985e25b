/** The link that holds a run, and what became of a link that was opened. */
import { compareFingerprints } from "../../session/share/fingerprint";
import { useLab } from "../state/react";

export function SharePanel(): React.ReactNode {
  const link = useLab((lab) => lab.link);
  const notice = useLab((lab) => lab.notice);
  const expected = useLab((lab) => lab.expected);
  const report = useLab((lab) => lab.view.report);
  if (!link && !expected) return null;
  const differences = expected && report ? compareFingerprints(expected, report.fingerprint) : null;
  return (
    <section className="panel" aria-label="Shared run">
      {expected && !report ? (
        <p>
          This link holds a run{expected.top1 === null ? "" : ` that reached ${expected.top1.toFixed(2)} % top-1`}. Press Run to reproduce it here.
        </p>
      ) : null}
      {differences ? (
        differences.length === 0 ? (
          <p className="good" data-testid="reproduced">
            Reproduced: accuracy, every unit's loss and every rounding decision are the same as in the link.
          </p>
        ) : (
          <div className="error" data-testid="differs">
            <p>Not the same as in the link:</p>
            <ul>
              {differences.map((difference) => (
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
