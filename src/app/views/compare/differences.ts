/** What differs between the recipes of runs, field by field, and between their classes. */
import type { Recipe } from "../../../session/recipe/recipe";
import type { AccuracyName } from "../../../session/run/report";
import type { KeptRun } from "../../runs/record";

/** Fields that are told whole: their keys are names of layers. */
const WHOLE = new Set(["weights.assignment", "activations.assignment", "weights.overrides"]);

/** A recipe's fields by their path, "weights.bits", with values as JSON. */
export function fieldsOf(recipe: Recipe): Map<string, string> {
  const fields = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === "object" && value !== null && !Array.isArray(value) && !WHOLE.has(path))
      for (const [key, part] of Object.entries(value)) walk(part, path ? `${path}.${key}` : key);
    else if (value !== undefined) fields.set(path, JSON.stringify(value));
  };
  walk(recipe, "");
  return fields;
}

export interface FieldRow {
  readonly path: string;
  /** As JSON, by run; null where a recipe has no such field. */
  readonly values: readonly (string | null)[];
  readonly differs: boolean;
}

/** All fields of some recipes in their order. */
export function fieldRows(recipes: readonly Recipe[]): FieldRow[] {
  const all = recipes.map(fieldsOf);
  const paths = [...new Set(all.flatMap((fields) => [...fields.keys()]))];
  return paths.map((path) => {
    const values = all.map((fields) => fields.get(path) ?? null);
    return { path, values, differs: new Set(values).size > 1 };
  });
}

export interface ClassRow {
  readonly name: string;
  readonly count: number;
  /** Percent right at full precision, and quantized by run. */
  readonly full: number;
  readonly values: readonly number[];
  /** Between the best and the worst run, in points. */
  readonly spread: number;
}

/** Classes of runs that were judged by the same ones, those in which the runs differ most first; null where they differ in classes. */
export function classRows(runs: readonly Pick<KeptRun, "classes">[], of: AccuracyName = "quantized"): ClassRow[] | null {
  const found = runs.flatMap(({ classes }) => classes ?? []);
  const [first] = found;
  if (!first || found.length < runs.length || found.some(({ names }) => names.join("\n") !== first.names.join("\n"))) return null;
  return first.names
    .map((name, i) => {
      const values = found.map(({ accuracy }) => accuracy[of][i] as number);
      return {
        ...{ name, count: first.counts[i] as number, full: first.accuracy.fullPrecision[i] as number, values },
        spread: Math.max(...values) - Math.min(...values),
      };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.spread - a.spread || Math.min(...a.values) - Math.min(...b.values));
}

export interface ConfusedRow {
  readonly label: string;
  readonly said: string;
  /** Images of the label that each run calls so. */
  readonly counts: readonly number[];
}

/** The confusions in which runs differ most, at most `most`; empty where they carry no common matrix. */
export function confusedRows(runs: readonly Pick<KeptRun, "classes">[], most: number): ConfusedRow[] {
  const names = runs[0]?.classes?.names ?? [];
  const matrices = runs.map(({ classes }) => (classes?.names.length === names.length ? (classes.confusion?.quantized ?? null) : null));
  if (matrices.some((matrix) => matrix === null)) return [];
  const rows: (ConfusedRow & { readonly spread: number })[] = [];
  for (let label = 0; label < names.length; label++)
    for (let said = 0; said < names.length; said++) {
      if (label === said) continue;
      const counts = matrices.map((matrix) => matrix?.[label * names.length + said] ?? 0);
      const spread = Math.max(...counts) - Math.min(...counts);
      if (spread > 0) rows.push({ label: names[label] as string, said: names[said] as string, counts, spread });
    }
  return rows
    .sort((a, b) => b.spread - a.spread)
    .slice(0, most)
    .map(({ label, said, counts }) => ({ label, said, counts }));
}
