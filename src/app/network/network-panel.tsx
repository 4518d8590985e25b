/** The network drawn as its units, each with its layers. */
import { useState } from "react";
import { bitColour, noiseColour } from "../../charts/colours";
import { networkCsv, networkSvg } from "../../charts/network";
import { LOOKED_AT } from "../../quantize/settings";
import { bitsOf, FLOAT_BITS, inputBitsOf, type LayerView, type NetworkView, type UnitView, widthText } from "../../session/network/view";
import type { Recipe } from "../../session/recipe/recipe";
import { useLab } from "../state/react";
import type { UnitProgress } from "../state/view";
import { unitColour } from "../ui/colours";
import { Choice } from "../ui/fields";
import { onDemand } from "../ui/lazy";
import { TakeAway } from "../ui/take-away";
import { LayerDetails } from "./layer-details";

const thousands = (value: number) => value.toLocaleString("en", { maximumFractionDigits: 0 });
const short = (value: number) => (value >= 1e6 ? `${(value / 1e6).toFixed(1)} M` : value >= 1e3 ? `${(value / 1e3).toFixed(1)} k` : String(value));

const FirstLookTable = onDemand(async () => (await import("./first-look-table")).FirstLookTable);

interface LayerProps {
  readonly layer: LayerView;
  /** At the width that layers are coloured by; undefined where they are coloured by their own. */
  readonly sqnr: number | null | undefined;
  readonly recipe: Pick<Recipe, "weights" | "activations">;
}

function Bits({ bits, text }: { readonly bits: number; readonly text: string }): React.ReactNode {
  return (
    <b className="bits" style={{ background: bitColour(bits) }}>
      {text}
    </b>
  );
}

function Layer({ layer, recipe, sqnr }: LayerProps): React.ReactNode {
  const opened = useLab((lab) => lab.layer === layer.id);
  const openLayer = useLab((lab) => lab.openLayer);
  const own = bitsOf(layer, recipe.weights);
  const read = recipe.activations && (recipe.activations.assignment || recipe.weights.overrides) ? inputBitsOf(layer, recipe) : undefined;
  return (
    <li>
      <button
        type="button"
        className={`layer ${opened ? "opened" : ""}`}
        aria-pressed={opened}
        title={`${layer.name}: kernel ${layer.kernel.join("x")}, output ${layer.output.join("x")}, ${thousands(layer.parameters)} parameters, ${thousands(layer.macs)} multiply-accumulates`}
        style={sqnr === undefined ? undefined : { background: noiseColour(sqnr) }}
        onClick={() => openLayer(opened ? null : layer.id)}
      >
        <span>{layer.kind}</span>
        <span className="faint">
          {layer.kernel.at(-1)} ch · <Bits bits={own} text={widthText(own)} />
          {sqnr === undefined ? null : ` · ${sqnr === null ? "exact" : `${sqnr.toFixed(1)} dB`}`}
          {read === undefined ? null : <Bits bits={read} text={read === FLOAT_BITS ? "A float" : `A${read}`} />}
        </span>
      </button>
    </li>
  );
}

interface UnitProps {
  readonly unit: UnitView;
  readonly recipe: LayerProps["recipe"];
  readonly sqnrOf: (layer: LayerView) => LayerProps["sqnr"];
  readonly progress: UnitProgress | undefined;
  readonly current: boolean;
}

function Unit({ unit, recipe, sqnrOf, progress, current }: UnitProps): React.ReactNode {
  const state = current ? "current" : progress?.report ? "done" : "";
  const colour = unit.unit === null ? undefined : unitColour(unit.unit);
  return (
    <li className={`unit ${unit.layers.length === 0 ? "glue" : ""} ${state}`} style={colour ? { borderTopColor: colour } : undefined}>
      <h3>{unit.layers.length === 0 ? unit.operations.join(", ") : unit.name}</h3>
      {unit.layers.length > 0 ? (
        <ul>
          {unit.layers.map((layer) => (
            <Layer key={layer.name} layer={layer} recipe={recipe} sqnr={sqnrOf(layer)} />
          ))}
        </ul>
      ) : null}
      <p className="faint">
        {unit.layers.length > 0 && unit.operations.length > 0 ? `${unit.operations.join(", ")} · ` : ""}
        {unit.output.join("x")}
      </p>
      {progress?.report ? <p className="unit-result">loss {progress.report.loss.last.toPrecision(3)}</p> : null}
    </li>
  );
}

function caption(network: NetworkView): string {
  return `${network.name}: ${network.input.join("x")} in, ${network.classes} classes out, ${short(network.parameters)} parameters, ${short(network.macs)} multiply-accumulates an image.`;
}

export function NetworkPanel(): React.ReactNode {
  const network = useLab((lab) => lab.view.network);
  const units = useLab((lab) => lab.view.units);
  const current = useLab((lab) => lab.view.current);
  const recipe = useLab((lab) => lab.recipe);
  const look = useLab((lab) => lab.view.firstLook);
  const [colours, setColours] = useState("widths");
  if (!network) return null;
  const column = LOOKED_AT.findIndex((bits) => String(bits) === colours);
  const seen = new Map(look?.layers.map((layer) => [layer.name, layer.sqnr]));
  const sqnrOf = ({ id }: LayerView) => seen.get(id)?.[column];
  /** What the last run found for a unit, if the network that is drawn still has it. */
  const resultOf = (unit: UnitView) => {
    const progress = unit.unit === null ? undefined : units[unit.unit];
    return progress?.name === unit.name ? progress : undefined;
  };
  return (
    <section className="panel" aria-label="Network">
      <h2>Network</h2>
      <p className="faint">{caption(network)}</p>
      {look ? (
        <>
          <FirstLookTable />
          <Choice
            className="field-short"
            label="Colours"
            help="Layers in the colour of their width, or of the noise that rounding their weights alone makes at a width: the darker, the more"
            value={colours}
            options={[["widths", "widths"], ...LOOKED_AT.map((bits) => [String(bits), `rounding noise at ${bits} bit`] as const)]}
            onChange={setColours}
          />
        </>
      ) : null}
      <p className="faint">A click on a layer opens it: its size, its sensitivity once searched, and a width of its own, or float.</p>
      <ol className="network">
        {network.units.map((unit, index) => (
          <Unit
            // biome-ignore lint/suspicious/noArrayIndexKey: units are a fixed sequence, and pooling has no name of its own
            key={`${index} ${unit.name}`}
            unit={unit}
            recipe={recipe}
            sqnrOf={sqnrOf}
            progress={resultOf(unit)}
            current={resultOf(unit) !== undefined && unit.unit === current}
          />
        ))}
      </ol>
      <TakeAway name={`${network.name.replace(/\.\w+$/, "")}-bits`} svg={() => networkSvg(network, recipe)} csv={() => networkCsv(network, recipe)} />
      <LayerDetails />
    </section>
  );
}
