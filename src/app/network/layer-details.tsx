/** One layer, opened from a heatmap or the network's drawing: its shape, its bits, and what each width would lose. */
import { useEffect, useRef } from "react";
import { bitsOf, inputBitsOf, widthText } from "../../session/network/view";
import { bitsFrom, OVERRIDE_WIDTHS, withOverride } from "../setup/overrides";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Choice } from "../ui/fields";

const thousands = (value: number) => value.toLocaleString("en", { maximumFractionDigits: 0 });

export function LayerDetails(): React.ReactNode {
  const name = useLab((lab) => lab.layer);
  const network = useLab((lab) => lab.view.network);
  const { weights, activations } = useLab((lab) => lab.recipe);
  const change = useLab((lab) => lab.change);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const table = useLab((lab) => lab.view.sensitivity?.table);
  const units = useLab((lab) => lab.view.units);
  const openLayer = useLab((lab) => lab.openLayer);
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (name !== null) place.current?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }, [name]);
  const unit = network?.units.find(({ layers }) => layers.some(({ id }) => id === name));
  const layer = unit?.layers.find(({ id }) => id === name);
  if (!unit || !layer) return null;
  const own = weights.overrides?.find(({ layers }) => layers === layer.id);
  const sensitivity = table?.layers.find((one) => one.name === name);
  const read = table?.activations.find(({ readers }) => readers.includes(layer.id));
  const report = units.find((one) => one.name === unit.name)?.report;
  const widths = sensitivity?.fixed === null ? (table?.bits ?? []) : [sensitivity?.fixed ?? 0];
  return (
    <section ref={place} className="layer-details" aria-label={`Layer ${layer.name}`}>
      <h3>
        {layer.name}{" "}
        <button type="button" className="quiet" onClick={() => openLayer(null)}>
          Close
        </button>
      </h3>
      <p>
        {layer.kind}, kernel {layer.kernel.join("x")}, output {layer.output.join("x")}, {thousands(layer.parameters)} parameters,{" "}
        {thousands(layer.macs)} multiply-accumulates an image; in {unit.name}. Weights at {widthText(bitsOf(layer, weights))}
        {activations ? `, its input at ${widthText(inputBitsOf(layer, { weights, activations }))}` : ""}.
        {report ? ` Its unit was reconstructed to a loss of ${report.loss.last.toPrecision(3)}.` : ""}
      </p>
      <Choice
        label="Width of this layer"
        help="A layer in float is neither rounded nor trained; what only it reads stays in float too"
        value={String(own?.bits ?? "")}
        disabled={busy}
        options={[["", `as the recipe has it (${widthText(bitsOf(layer, withOverride(weights, layer.id, null)))})`], ...OVERRIDE_WIDTHS]}
        onChange={(width) => change({ weights: withOverride(weights, layer.id, width === "" ? null : bitsFrom(width)) })}
      />
      {sensitivity ? (
        <div className="scroll">
          <table className="units">
            <thead>
              <tr>
                <th scope="col">Predicted loss at</th>
                {widths.map((bits) => (
                  <th key={bits} scope="col">
                    {widthText(bits)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">this table</th>
                {sensitivity.losses.map((value, i) => (
                  <td key={widths[i]}>{value === 0 ? "–" : value.toPrecision(3)}</td>
                ))}
              </tr>
              {sensitivity.hawq ? (
                <tr>
                  <th scope="row">HAWQ-V2</th>
                  {sensitivity.hawq.map((value, i) => (
                    <td key={widths[i]}>{value === 0 ? "–" : value.toPrecision(3)}</td>
                  ))}
                </tr>
              ) : null}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="faint">A search for mixed precision measures how sensitive it is.</p>
      )}
      {read ? (
        <p className="faint">
          Predicted loss with its input rounded:{" "}
          {read.losses.map((value, i) => `${read.fixed ?? table?.activationBits[i]} bit ${value.toPrecision(3)}`).join(", ")}.
        </p>
      ) : null}
    </section>
  );
}
