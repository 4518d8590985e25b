/**
 * The table that an experiment leaves behind: for each row the mean over its seeds and their spread, as
 * values, CSV and Markdown. Differences are to full precision on the same images.
 */
import Papa from "papaparse";
import type { Report } from "../run/report";
import type { Reference, Row, Settings } from "./experiment";

export interface Mean {
  readonly mean: number;
  /** The sample standard deviation over seeds; null for a single seed. */
  readonly spread: number | null;
}

export interface ResultRow {
  readonly label: string;
  readonly settings: Settings;
  readonly seeds: readonly number[];
  /** Percent; null without labels. */
  readonly top1: Mean | null;
  /** Points above full precision. */
  readonly change: Mean | null;
  readonly agreement: Mean;
  /** Top-1 and agreement of nearest rounding under the same settings. */
  readonly nearest: { readonly top1: Mean | null; readonly agreement: Mean };
  readonly seconds: Mean;
  readonly reference: Reference | null;
  /** Why seeds are missing. */
  readonly failures: readonly string[];
}

/** A row's finished runs, and the messages of those that failed. */
export interface RowRuns {
  readonly row: Row;
  readonly reports: readonly Report[];
  readonly failures: readonly string[];
}

export function meanOf(values: readonly number[]): Mean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, spread: null };
  return { mean, spread: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) };
}

function meanOrNull(values: readonly (number | null)[]): Mean | null {
  return values.some((value) => value === null) ? null : meanOf(values as number[]);
}

export function resultRow({ row, reports, failures }: RowRuns): ResultRow {
  const of = (name: keyof Report["accuracy"], field: "top1") => reports.map(({ accuracy }) => accuracy[name][field]);
  const agreement = (name: keyof Report["accuracy"]) => meanOf(reports.map(({ accuracy }) => accuracy[name].agreement));
  const [top1, full] = [of("quantized", "top1"), of("fullPrecision", "top1")];
  return {
    label: row.label,
    settings: row.settings,
    seeds: reports.map(({ recipe }) => recipe.seed),
    top1: meanOrNull(top1),
    change: meanOrNull(top1.map((value, i) => (value === null ? null : value - (full[i] as number)))),
    agreement: agreement("quantized"),
    nearest: { top1: meanOrNull(of("nearest", "top1")), agreement: agreement("nearest") },
    seconds: meanOf(reports.map(({ seconds }) => seconds.total as number)),
    reference: row.reference,
    failures,
  };
}

/** "91.60 ± 0.10", or "–" where nothing was measured. */
export function meanText(value: Mean | null, digits = 2): string {
  if (!value || !Number.isFinite(value.mean)) return "–";
  return value.spread === null ? value.mean.toFixed(digits) : `${value.mean.toFixed(digits)} ± ${value.spread.toFixed(digits)}`;
}

const HEADINGS = ["Run", "Seeds", "Top-1, %", "To full precision", "Agreement, %", "Nearest: top-1, %", "Nearest: agreement, %", "Seconds"] as const;
const REFERENCE_HEADINGS = ["Reference: top-1, %", "Reference: agreement, %", "Difference"] as const;

export interface TableOptions {
  /** Whether how long runs took is told: the one thing that differs from machine to machine. */
  readonly times: boolean;
}

/** A Markdown table, with what others measured where the experiment says it; failures follow. */
export function resultsMarkdown(rows: readonly ResultRow[], { times }: TableOptions = { times: true }): string {
  const compared = rows.some(({ reference }) => reference !== null);
  const headings = [...HEADINGS.slice(0, times ? undefined : -1), ...(compared ? REFERENCE_HEADINGS : [])];
  const lines = [headings, headings.map((_, i) => (i === 0 ? "---" : "---:"))].map((cells) => `| ${cells.join(" | ")} |`);
  for (const row of rows) {
    const cells = [
      row.label,
      String(row.seeds.length),
      ...[row.top1, row.change, row.agreement, row.nearest.top1, row.nearest.agreement].map((value) => meanText(value)),
      ...(times ? [meanText({ ...row.seconds, spread: null }, 0)] : []),
    ];
    const { reference, top1, agreement } = row;
    if (reference && top1)
      cells.push(
        reference.top1.toFixed(1),
        reference.agreement.toFixed(1),
        `${signed(top1.mean - reference.top1)} / ${signed(agreement.mean - reference.agreement)}`,
      );
    else if (compared) cells.push("", "", "");
    lines.push(`| ${cells.join(" | ")} |`);
  }
  const failures = rows.flatMap(({ label, failures: messages }) => messages.map((message) => `- ${label}: ${message}`));
  return `${lines.join("\n")}\n${failures.length > 0 ? `\nNot finished:\n\n${failures.join("\n")}\n` : ""}`;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}

/** Comma-separated values with a header; every number at full precision. */
export function resultsCsv(rows: readonly ResultRow[], { times }: TableOptions = { times: true }): string {
  const paths = [...new Set(rows.flatMap(({ settings }) => Object.keys(settings)))];
  const plain = (value: unknown) => (value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));
  const measures = ["top1", "change", "agreement", "nearestTop1", "nearestAgreement", ...(times ? ["seconds"] : [])];
  const header = ["label", ...paths, "seeds", ...measures.flatMap((name) => [name, `${name}Spread`]), "failures"];
  const lines = rows.map((row) => {
    const means = [row.top1, row.change, row.agreement, row.nearest.top1, row.nearest.agreement, ...(times ? [row.seconds] : [])];
    const cells = [row.label, ...paths.map((path) => row.settings[path]), row.seeds.length];
    return [...cells, ...means.flatMap((value) => [value?.mean, value?.spread]), row.failures.join("; ")].map(plain);
  });
  return `${Papa.unparse([header, ...lines], { newline: "\n" })}\n`;
}
