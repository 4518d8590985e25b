/**
 * A sweep: what was found under several limits, reconstructed and measured beside uniform widths, and on request beside
 * what HAWQ-V2's sensitivity would choose and beside random assignments. It is an experiment like any other; a point for
 * each row says what the row costs and what loss was predicted for it.
 */

import { randomAssignments, spearman } from "../../search/allocation/ranking";
import { Predictor, type SensitivityTable } from "../../search/sensitivity/table";
import { RECIPE_VERSION } from "../recipe/recipe";
import { assignmentText, type SearchResult, settingsOf } from "../search/result";
import type { SearchOutcome } from "../search/run";
import { layerBits, uniformAt } from "../search/under";
import type { Settings } from "./experiment";
import type { ResultRow } from "./results";

export type SweepKind = "uniform" | "mixed" | "hawq" | "random";

export interface SweepPoint {
  readonly label: string;
  /** The label of the row that measures it: another's where both have the same bits. */
  readonly row: string;
  readonly kind: SweepKind;
  /** In the sweep's unit; null where the row's limit is on another cost, or where it has none. */
  readonly cost: number | null;
  readonly predictedLoss: number;
}

export interface Sweep {
  readonly cost: { readonly name: string; readonly unit: string };
  readonly points: readonly SweepPoint[];
  /** Title, note and cases of the experiment. */
  readonly experiment: {
    readonly version: typeof RECIPE_VERSION;
    readonly title: string;
    readonly note: string;
    readonly cases: readonly { readonly label: string; readonly set: Settings }[];
  };
}

export interface SweepOptions {
  /** Whether HAWQ-V2's choices are measured too. */
  readonly hawq: boolean;
  /** How many random assignments. */
  readonly random: number;
  readonly seed: number;
}

export function sweepOf({ table, results }: Pick<SearchOutcome, "table" | "results">, { hawq, random, seed }: SweepOptions): Sweep {
  const first = results[0] as SearchResult;
  const { cost: name, unit } = first.limit;
  const predictor = new Predictor(table);
  const costHere = (result: SearchResult, cost: number) => (result.limit.cost === name ? cost : null);
  const text = (result: SearchResult, cost: number) => `${result.limit.text}: ${Number(cost.toPrecision(4))} ${result.limit.unit}`;
  type Row = Omit<SweepPoint, "row"> & { readonly set: Settings };
  const uniform: Row[] = first.uniform.map(({ bits, cost, predictedLoss }) => ({
    ...{ label: `uniform ${bits} bit`, kind: "uniform", cost, predictedLoss },
    set: uniformSettings(table, bits),
  }));
  const mixed: Row[] = results.map((result) => ({
    ...{ label: `mixed, ${text(result, result.cost)}`, kind: "mixed", cost: costHere(result, result.cost), predictedLoss: result.predictedLoss },
    set: settingsOf(result.assignment),
  }));
  const rivals: Row[] = results.flatMap((result) =>
    hawq && result.hawq
      ? [
          {
            ...{ label: `HAWQ-V2, ${text(result, result.hawq.cost)}`, kind: "hawq" as const },
            ...{ cost: costHere(result, result.hawq.cost), predictedLoss: result.hawq.predictedLoss, set: settingsOf(result.hawq.assignment) },
          },
        ]
      : [],
  );
  const drawn: Row[] = randomAssignments(table, random, seed).map((assignment, i) => ({
    ...{ label: `random ${i + 1}`, kind: "random", cost: null, predictedLoss: predictor.loss(assignment) },
    set: settingsOf(layerBits(table, assignment)),
  }));
  const rows = [...uniform, ...mixed, ...rivals, ...drawn];
  const measuredBy = new Map<string, Row>();
  for (const row of rows) if (!measuredBy.has(JSON.stringify(row.set))) measuredBy.set(JSON.stringify(row.set), row);
  const rowOf = ({ set }: Row) => (measuredBy.get(JSON.stringify(set)) as Row).label;
  const note = [
    "Bits of the layers that were found.",
    ...results.map((result) => `${result.limit.text}: ${assignmentText(result.assignment)}.`),
    ...rows.filter((row) => rowOf(row) !== row.label).map((row) => `${row.label} has the bits of ${rowOf(row)}, and is measured with it.`),
  ];
  return {
    cost: { name, unit },
    points: rows.map((row) => {
      const { set: _set, ...point } = row;
      return { ...point, row: rowOf(row) };
    }),
    experiment: {
      version: RECIPE_VERSION,
      title: "Mixed precision beside uniform widths",
      note: note.join("\n\n"),
      cases: [...measuredBy.values()].map(({ label, set }) => ({ label, set })),
    },
  };
}

function uniformSettings(table: SensitivityTable, bits: number): Settings {
  const own = { "weights.bits": bits, "weights.assignment": null };
  const free = table.activations.findIndex(({ fixed }) => fixed === null);
  if (free < 0) return own;
  return { ...own, "activations.bits": uniformAt(table, bits)[table.layers.length + free], "activations.assignment": null };
}

/** How well predicted loss ranks what was measured, over the random rows; null with fewer than three. */
export function rankingOf({ points }: Sweep, rows: readonly ResultRow[]): { readonly correlation: number; readonly count: number } | null {
  const pairs = points.flatMap(({ kind, row: own, predictedLoss }) => {
    const row = rows.find(({ label }) => label === own);
    return kind === "random" && row && row.seeds.length > 0 ? [[predictedLoss, 100 - row.agreement.mean] as const] : [];
  });
  if (pairs.length < 3) return null;
  return {
    correlation: spearman(
      pairs.map(([loss]) => loss),
      pairs.map(([, measured]) => measured),
    ),
    count: pairs.length,
  };
}

/** Cost and predicted loss beside what was measured, as Markdown. */
export function sweepMarkdown(sweep: Sweep, rows: readonly ResultRow[]): string {
  const lines = sweep.points.map(({ label, row: own, cost, predictedLoss }) => {
    const row = rows.find((one) => one.label === own);
    const measured = row && row.seeds.length > 0 ? (100 - row.agreement.mean).toFixed(2) : "–";
    return `| ${label} | ${cost === null ? "–" : Number(cost.toPrecision(4))} | ${predictedLoss.toPrecision(4)} | ${measured} |`;
  });
  const head = `| Run | Cost, ${sweep.cost.unit} | Predicted loss | Disagreement with full precision, % |\n| --- | ---: | ---: | ---: |`;
  const ranking = rankingOf(sweep, rows);
  const text = ranking
    ? `\nSpearman correlation of predicted loss and measured disagreement over ${ranking.count} random assignments: ${ranking.correlation.toFixed(3)}.\n`
    : "";
  return `${head}\n${lines.join("\n")}\n${text}`;
}
