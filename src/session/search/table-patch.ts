/**
 * What is new in a sensitivity table as it is measured. A table of a large network is posted whole once; after that each
 * entry sends the few numbers that it changed.
 */
import type { SensitivityTable } from "../../search/sensitivity/table";

type NumberList = "layers" | "hawq" | "activations" | "pairs" | "groups";

/** One number: of which list, at which row, and there at which bit width (0 for what has one number). */
export type TablePatch = readonly (readonly [list: NumberList, row: number, column: number, value: number])[];

const LISTS: readonly NumberList[] = ["layers", "hawq", "activations", "pairs", "groups"];

function rowsOf(table: SensitivityTable, list: NumberList): readonly (readonly number[])[] {
  switch (list) {
    case "layers":
      return table.layers.map(({ losses }) => losses);
    case "hawq":
      return table.layers.map(({ hawq }) => hawq ?? []);
    case "activations":
      return table.activations.map(({ losses }) => losses);
    case "pairs":
      return table.pairs.map(({ joint }) => [joint]);
    case "groups":
      return (table.groups ?? []).map(({ joint }) => [joint]);
  }
}

/** The numbers of `next` that differ from those of `before`, a table of the same shape. */
export function patchOf(before: SensitivityTable, next: SensitivityTable): TablePatch {
  return LISTS.flatMap((list) => {
    const old = rowsOf(before, list);
    return rowsOf(next, list).flatMap((row, i) =>
      row.flatMap((value, column) => (value === old[i]?.[column] ? [] : [[list, i, column, value] as const])),
    );
  });
}

/** The table with new numbers. */
export function patched(table: SensitivityTable, patch: TablePatch): SensitivityTable {
  const changes = (list: NumberList) => {
    const byRow = new Map<number, (readonly [column: number, value: number])[]>();
    for (const [own, row, column, value] of patch) if (own === list) byRow.set(row, [...(byRow.get(row) ?? []), [column, value]]);
    return (row: number, values: readonly number[]) => (byRow.get(row) ?? []).reduce((now, [column, value]) => now.with(column, value), values);
  };
  const [layers, hawq, activations, pairs, groups] = LISTS.map(changes) as [Change, Change, Change, Change, Change];
  return {
    ...table,
    layers: table.layers.map((layer, i) => ({
      ...layer,
      losses: layers(i, layer.losses),
      ...(layer.hawq ? { hawq: hawq(i, layer.hawq) } : {}),
    })),
    activations: table.activations.map((one, i) => ({ ...one, losses: activations(i, one.losses) })),
    pairs: table.pairs.map((pair, i) => ({ ...pair, joint: pairs(i, [pair.joint])[0] as number })),
    ...(table.groups ? { groups: table.groups.map((group, i) => ({ ...group, joint: groups(i, [group.joint])[0] as number })) } : {}),
  };
}

type Change = (row: number, values: readonly number[]) => readonly number[];
