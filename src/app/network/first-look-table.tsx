/** What rounding would take from each layer, before any image is looked at: sentences, and a row for each layer. */
import { LOOK_COLUMNS, lookRow, whatIsHard } from "../../session/network/first-look";
import { useLab } from "../state/react";

export function FirstLookTable(): React.ReactNode {
  const look = useLab((lab) => lab.view.firstLook);
  const openLayer = useLab((lab) => lab.openLayer);
  if (!look) return null;
  const [name, ...columns] = LOOK_COLUMNS;
  return (
    <section className="first-look" aria-label="First look">
      <h3>First look at the weights</h3>
      <ul>
        {whatIsHard(look).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <details>
        <summary>Rounding noise, ranges and outlier channels of each layer</summary>
        <p className="faint">
          Signal-to-noise ratio of the weights rounded to nearest, alone: the energy of the weights over that of their errors, in decibels. 20 dB is a
          loss of 1 %, 10 dB of 10 %.
        </p>
        <div className="scroll">
          <table className="units">
            <thead>
              <tr>
                {[name, ...columns].map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {look.layers.map((layer) => {
                const [title, ...cells] = lookRow(layer);
                return (
                  <tr key={layer.name}>
                    <th scope="row">
                      <button type="button" className="quiet" onClick={() => openLayer(layer.name)}>
                        {title}
                      </button>
                    </th>
                    {cells.map((cell, i) => (
                      <td key={columns[i]}>{cell}</td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}
