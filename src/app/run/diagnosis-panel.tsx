/** What quantization did to each unit. */
import { useLab } from "../state/react";

const percent = (value: { readonly top1: number | null; readonly agreement: number } | null) =>
  value ? `${(value.top1 ?? value.agreement).toFixed(2)} %` : "";

export function DiagnosisPanel(): React.ReactNode {
  const units = useLab((lab) => lab.view.diagnosis);
  if (units.length === 0) return null;
  const most = Math.max(...units.map(({ sqnr }) => sqnr ?? 0), 1);
  const measured = units.some(({ only }) => only !== null);
  return (
    <section className="panel" aria-label="Diagnosis">
      <h2>Diagnosis</h2>
      <div className="scroll">
        <table className="units">
          <thead>
            <tr>
              <th scope="col">Unit</th>
              <th scope="col" title="Signal-to-quantization-noise ratio of the unit's output, everything before it quantized too; higher is better">
                SQNR, dB
              </th>
              <th scope="col" title="Cosine of the angle between the unit's output and full precision">
                Cosine
              </th>
              {measured ? (
                <>
                  <th scope="col" title="Accuracy with only this unit quantized">
                    Only this unit quantized
                  </th>
                  <th scope="col" title="Accuracy with every unit but this one quantized">
                    All others quantized
                  </th>
                </>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {units.map(({ name, sqnr, cosine, only, without }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  {sqnr === null ? "exact" : sqnr.toFixed(1)}
                  <div className="meter" aria-hidden="true">
                    <div style={{ width: `${(100 * Math.max(0, sqnr ?? most)) / most}%` }} />
                  </div>
                </td>
                <td>{cosine.toFixed(4)}</td>
                {measured ? (
                  <>
                    <td>{percent(only)}</td>
                    <td>{percent(without)}</td>
                  </>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
