/**
 * Runs that are kept in a folder, and which of them still hold: those of the same recipe, with the same file contents,
 * computed by the same arithmetic. All others are run again, and people are told why.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../node/whole-file";
import type { InputCache } from "../session/inputs/cache";
import type { Sources } from "../session/inputs/sources";
import type { Recipe } from "../session/recipe/recipe";
import { parseRecipe } from "../session/recipe/schema";
import type { Report } from "../session/run/report";
import { ARITHMETIC_VERSION, arithmeticOf } from "../session/share/arithmetic";
import { resultRecipe } from "../session/share/fingerprint";

export class KeptRuns {
  private readonly skipped: string[] = [];
  private readonly repeated: string[] = [];

  constructor(
    private readonly folder: string,
    private readonly sources: Sources,
  ) {}

  /** The report of this very run, if it is there and still holds. */
  async find(label: string, recipe: Recipe, inputs: InputCache): Promise<Report | null> {
    const report = await this.read(this.fileOf(label, recipe.seed));
    if (!report) return null;
    const name = `${label}, seed ${recipe.seed}`;
    const reason = whyNot(report, await inputs.withHashes(recipe, this.sources));
    if (reason) this.repeated.push(`${name} (${reason})`);
    else this.skipped.push(name);
    return reason ? null : report;
  }

  keep(label: string, report: Report): Promise<void> {
    return writeWhole(this.fileOf(label, report.recipe.seed), `${JSON.stringify(report)}\n`);
  }

  /** What was taken from the folder and what was not, in lines. */
  summary(): string[] {
    const of = (names: readonly string[]) => (names.length > 4 ? `${names.slice(0, 4).join("; ")}; and ${names.length - 4} more` : names.join("; "));
    return [
      ...(this.skipped.length > 0 ? [`Skipped ${this.skipped.length} finished runs: ${of(this.skipped)}.`] : []),
      ...(this.repeated.length > 0 ? [`Repeated ${this.repeated.length} runs: ${of(this.repeated)}.`] : []),
    ];
  }

  private fileOf(label: string, seed: number): string {
    return join(this.folder, `${label.replaceAll(/[^A-Za-z0-9.]+/g, "-")}-seed${seed}.json`);
  }

  private async read(path: string): Promise<Report | null> {
    try {
      const report = JSON.parse(await readFile(path, "utf8")) as Report;
      return { ...report, recipe: parseRecipe(report.recipe, path) };
    } catch {
      return null;
    }
  }
}

/** Why a kept report is not the result of a recipe; null if it is. @param recipe with the hashes of today's files */
export function whyNot(report: Report, recipe: Recipe): string | null {
  if (arithmeticOf(report) !== ARITHMETIC_VERSION)
    return `computed with arithmetic version ${arithmeticOf(report)}, today's is ${ARITHMETIC_VERSION}`;
  const [old, own] = [report.recipe, recipe];
  for (const [role, what] of [
    ["model", "the model file has changed"],
    ["calibration", "the calibration images have changed"],
    ["evaluation", "the evaluation images have changed"],
  ] as const) {
    const [before, now] = [old[role], own[role]];
    if (before?.kind !== "builtin" && now?.kind !== "builtin" && before?.name === now?.name && before?.sha256 !== now?.sha256) return what;
  }
  const plain = (one: Recipe) => JSON.stringify(Object.entries(resultRecipe(one)).sort(([a], [b]) => (a < b ? -1 : 1)));
  return plain(old) === plain(own) ? null : "its settings have changed";
}
