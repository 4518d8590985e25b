/** The heatmaps that explain why a layer got its bits. A click on a row selects the layer. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FisherProfile } from "../../../search/sensitivity/curvature";
import type { SensitivityTable } from "../../../search/sensitivity/table";
import { shortName } from "../../../session/network/view";
import type { SearchResult } from "../../../session/search/result";
import { usePlace } from "../../state/place";
import { Choice } from "../../ui/choice";
import { HeatGrid } from "./heat-grid";
import styles from "./precision.module.css";

/** What is not measured yet counts as 0 in a table. */
const measured = (values: readonly number[]) => values.map((value) => (value === 0 ? null : value));

export function SensitivityGrids({ table, result }: { readonly table: SensitivityTable; readonly result: SearchResult | null }): React.ReactNode {
  const { t } = useTranslation("precision");
  const go = usePlace((place) => place.go);
  const free = table.layers.filter(({ fixed }) => fixed === null);
  const read = table.activations.filter(({ fixed }) => fixed === null);
  const found = new Map(result?.assignment.map((one) => [one.layer, one]));
  const at = (widths: readonly number[], bits: number | null | undefined) => {
    const column = bits === null || bits === undefined ? -1 : widths.indexOf(bits);
    return column < 0 ? null : column;
  };
  const columns = (widths: readonly number[]) => widths.map((bits) => t("axis.bits", { bits }));
  const pick = (list: readonly { readonly name: string }[]) => (row: number) => go({ layer: list[row]?.name ?? null });
  const chosen = free.map(({ name }) => at(table.bits, found.get(name)?.bits));
  return (
    <div className={styles.grids}>
      <HeatGrid
        title={t("grid.single")}
        rows={free.map(({ name }) => shortName(name))}
        columns={columns(table.bits)}
        values={free.map(({ losses }) => measured(losses))}
        chosen={chosen}
        onPick={pick(free)}
      />
      {free.some(({ hawq }) => hawq?.some((value) => value > 0)) ? (
        <HeatGrid
          title={t("grid.hawq")}
          rows={free.map(({ name }) => shortName(name))}
          columns={columns(table.bits)}
          values={free.map(({ hawq }) => measured(hawq ?? []))}
          chosen={chosen}
          onPick={pick(free)}
        />
      ) : null}
      {read.length > 0 ? (
        <HeatGrid
          title={t("grid.activation")}
          rows={read.map(({ name }) => t("grid.into", { name: shortName(name) }))}
          columns={columns(table.activationBits)}
          values={read.map(({ losses }) => measured(losses))}
          chosen={read.map(({ name }) => at(table.activationBits, found.get(name)?.activation))}
          onPick={pick(read)}
        />
      ) : null}
      {table.groups?.length ? (
        <HeatGrid
          title={t("grid.groups", { bits: table.bits[0] })}
          rows={table.groups.map(({ layers }) =>
            layers.map((name, i) => (i === 0 ? shortName(name) : shortName(name).split("/").at(-1))).join(" + "),
          )}
          columns={[t("grid.joint")]}
          values={table.groups.map(({ joint }) => [joint === 0 ? null : joint])}
          onPick={(row) => go({ layer: table.groups?.[row]?.layers[0] ?? null })}
        />
      ) : null}
    </div>
  );
}

const CHANNELS_A_ROW = 16;

/** Where in a block's output, and in which channels, an error would matter. */
export function FisherGrids({ profiles }: { readonly profiles: readonly FisherProfile[] }): React.ReactNode {
  const { t } = useTranslation("precision");
  const [name, setName] = useState("");
  const profile = profiles.find(({ block }) => block === name) ?? (profiles[0] as FisherProfile);
  const { block, height, width, channels, positions } = profile;
  const grid = (values: readonly number[], columns: number) =>
    Array.from({ length: Math.ceil(values.length / columns) }, (_, row) => values.slice(row * columns, (row + 1) * columns));
  const wide = Math.min(CHANNELS_A_ROW, channels.length);
  return (
    <div className={styles.grids}>
      <Choice label={t("grid.block")} value={block} options={profiles.map((one) => [one.block, one.block])} onChange={setName} />
      <HeatGrid
        title={t("grid.channels", { block })}
        rows={grid(channels, wide).map((_, row) => `${row * wide}`)}
        columns={Array.from({ length: wide }, (_, i) => `+${i}`)}
        values={grid(channels, wide)}
      />
      {positions.length > 1 ? (
        <HeatGrid
          title={t("grid.positions", { block })}
          rows={Array.from({ length: height }, (_, i) => `${i}`)}
          columns={Array.from({ length: width }, (_, i) => `${i}`)}
          values={grid(positions, width)}
        />
      ) : null}
    </div>
  );
}
