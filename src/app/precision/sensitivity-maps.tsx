/** The heatmaps that explain why a layer got its bits. A click on a row opens the layer. */

import { useState } from "react";
import type { FisherProfile } from "../../search/sensitivity/curvature";
import { excessOf, type SensitivityTable } from "../../search/sensitivity/table";
import { shortName } from "../../session/network/view";
import type { SearchResult } from "../../session/search/result";
import { usePlace } from "../state/place";
import { useLab } from "../state/react";
import { Heatmap } from "../ui/heatmap";

interface SensitivityMapsProps {
  readonly table: SensitivityTable;
  readonly result: SearchResult | null;
}

/** What is not measured yet counts as 0 in a table. */
const measured = (values: readonly number[]) => values.map((value) => (value === 0 ? null : value));
const columnsOf = (widths: readonly number[]) => widths.map((bits) => `${bits} bit`);

export function SensitivityMaps({ table, result }: SensitivityMapsProps): React.ReactNode {
  const go = usePlace((place) => place.go);
  const openLayer = (layer: string | null) => go({ layer });
  const fisher = useLab((lab) => lab.view.fisher);
  const free = table.layers.filter(({ fixed }) => fixed === null);
  const read = table.activations.filter(({ fixed }) => fixed === null);
  const chosenIn = (widths: readonly number[], bitsOf: (name: string) => number | null | undefined) => (name: string) => {
    const bits = bitsOf(name);
    return bits === undefined || bits === null ? null : widths.indexOf(bits);
  };
  const found = (name: string) => result?.assignment.find(({ layer }) => layer === name);
  const rows = free.map(({ name }) => shortName(name));
  const chosen = free.map(({ name }) => chosenIn(table.bits, (layer) => found(layer)?.bits)(name));
  const pick = (list: readonly { readonly name: string }[]) => (row: number) => openLayer(list[row]?.name ?? null);
  return (
    <div className="charts">
      <Heatmap
        title="Sensitivity: predicted loss of one layer quantized"
        rows={rows}
        columns={columnsOf(table.bits)}
        values={free.map(({ losses }) => measured(losses))}
        chosen={chosen}
        onPick={pick(free)}
      />
      {free.some(({ hawq }) => hawq?.some((value) => value > 0)) ? (
        <Heatmap
          title="HAWQ-V2: mean trace of the Hessian times squared error"
          rows={rows}
          columns={columnsOf(table.bits)}
          values={free.map(({ hawq }) => measured(hawq ?? []))}
          chosen={chosen}
          onPick={pick(free)}
        />
      ) : null}
      {read.length > 0 ? (
        <Heatmap
          title="Sensitivity: predicted loss of one activation quantized"
          rows={read.map(({ name }) => `into ${shortName(name)}`)}
          columns={columnsOf(table.activationBits)}
          values={read.map(({ losses }) => measured(losses))}
          chosen={read.map(({ name }) => chosenIn(table.activationBits, (layer) => found(layer)?.activation)(name))}
          onPick={pick(read)}
        />
      ) : null}
      {table.pairs.length > 0 ? (
        <Heatmap
          title={`Interaction of two layers at ${table.bits[0]} bit`}
          rows={table.pairs.map(({ a, b }) => `${shortName(a)} + ${shortName(b).split("/").at(-1)}`)}
          columns={["joint", "interaction"]}
          values={table.pairs.map((pair) => (pair.joint === 0 ? [null, null] : [pair.joint, excessOf(table, pair)]))}
          onPick={(row) => openLayer(table.pairs[row]?.a ?? null)}
        />
      ) : null}
      {table.groups?.length ? (
        <Heatmap
          title={`Larger groups of layers at ${table.bits[0]} bit`}
          rows={table.groups.map(({ layers }) =>
            layers.map((name, i) => (i === 0 ? shortName(name) : shortName(name).split("/").at(-1))).join(" + "),
          )}
          columns={["joint"]}
          values={table.groups.map(({ joint }) => [joint === 0 ? null : joint])}
          onPick={(row) => openLayer(table.groups?.[row]?.layers[0] ?? null)}
        />
      ) : null}
      {fisher.length > 0 ? <FisherMaps profiles={fisher} /> : null}
    </div>
  );
}

const CHANNELS_A_ROW = 16;

/** Where in a unit's output, and in which channels, an error would matter. */
function FisherMaps({ profiles }: { readonly profiles: readonly FisherProfile[] }): React.ReactNode {
  const [name, setName] = useState("");
  const profile = profiles.find(({ block }) => block === name) ?? (profiles[0] as FisherProfile);
  const { block, height, width, channels, positions } = profile;
  const grid = (values: readonly number[], columns: number) =>
    Array.from({ length: Math.ceil(values.length / columns) }, (_, row) => values.slice(row * columns, (row + 1) * columns));
  const wide = Math.min(CHANNELS_A_ROW, channels.length);
  const side = Math.max(4, Math.min(20, Math.floor(480 / width)));
  return (
    <div className="fisher">
      <label>
        Fisher information at the output of{" "}
        <select value={block} onChange={(event) => setName(event.target.value)}>
          {profiles.map((one) => (
            <option key={one.block}>{one.block}</option>
          ))}
        </select>
      </label>
      <Heatmap
        title={`Fisher information by channel, ${block}`}
        rows={grid(channels, wide).map((_, row) => `from ${row * wide}`)}
        columns={Array.from({ length: wide }, (_, i) => `+${i}`)}
        values={grid(channels, wide)}
        cell={[26, 20]}
        left={60}
      />
      {positions.length > 1 ? (
        <Heatmap
          title={`Fisher information by position, ${block}`}
          rows={Array.from({ length: height }, (_, i) => `row ${i}`)}
          columns={Array.from({ length: width }, (_, i) => `column ${i}`)}
          values={grid(positions, width)}
          cell={[side, side]}
          left={10}
        />
      ) : null}
    </div>
  );
}
