/**
 * Runs as one file, NAME.brecq-runs.json: a version and records as they are kept. Such a file is a stranger's data: its size, the
 * number of its runs and all that they hold are bounded, its recipes go through the recipe's own schema, and what is wrong
 * is said with the place where it stands.
 */
import { z } from "zod";
import { parseRecipe } from "../../session/recipe/schema";
import { ACCURACIES, type Report } from "../../session/run/report";
import { fingerprintSchema } from "../../session/share/fingerprint-schema";
import { KEPT_POINTS, type KeptRun, LONGEST_NAME, RECORD_FORMAT } from "./record";

const FORMAT = "brecq-runs";
export const FILE_VERSION = 1 as const;
export const FILE_ENDING = ".brecq-runs.json";

/** Of a file: characters, and runs. */
export const MOST_CHARACTERS: number = 64 * 2 ** 20;
const [MOST_RUNS, MOST_UNITS, MOST_CLASSES, MOST_TEXT] = [2000, 4096, 10_000, 10_000];

/** What is wrong with a file; the page has a sentence for each. */
export type RunsFileProblem =
  | { readonly kind: "large"; readonly megabytes: number; readonly most: number }
  | { readonly kind: "notJson" | "notRuns" }
  | { readonly kind: "newer"; readonly version: number }
  | { readonly kind: "invalid"; readonly where: string; readonly what: string };

export class RunsFileError extends Error {
  constructor(readonly problem: RunsFileProblem) {
    super(problem.kind === "invalid" ? `${problem.where}: ${problem.what}` : problem.kind);
    this.name = "RunsFileError";
  }
}

export function writeRuns(runs: readonly KeptRun[]): string {
  return `${JSON.stringify({ format: FORMAT, version: FILE_VERSION, runs })}\n`;
}

const text = z.string().max(MOST_TEXT);
const name = z.string().min(1).max(1000);
/** A measurement: JSON has no word for a loss that diverged, and writes null. */
const measured = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const finite = z.number();
const count = z.int().min(0);
const records = <T extends z.ZodType>(value: T) =>
  z.object(Object.fromEntries(ACCURACIES.map((one) => [one, value])) as Record<(typeof ACCURACIES)[number], T>);

const accuracy = z.object({
  top1: finite.nullable(),
  agreement: finite,
  meanIou: finite.nullable().optional(),
  images: count,
});

const unit = z.looseObject({
  name,
  phase: z.enum(["weights", "activations"]),
  layers: z.array(name).max(MOST_UNITS),
  bits: z.array(z.int().min(1).max(32)).max(MOST_UNITS),
  loss: z.object({
    first: measured,
    last: measured,
    sampled: z.array(z.tuple([finite, measured])).max(1000),
  }),
  settled: measured,
  iterations: count,
  reused: z.boolean(),
  seconds: finite,
});

/** Fields of a report that came later are optional and stay. */
const report = z.looseObject({
  arithmetic: z.int().min(1).optional(),
  recipe: z.unknown(),
  device: z.object({ kind: z.enum(["wasm", "webgpu"]), description: text, reason: text }),
  memory: z.object({ budget: finite, expected: finite, streamed: finite, peak: finite }),
  evaluatedOn: z.enum(["evaluation", "calibration"]),
  accuracy: records(accuracy),
  units: z.array(unit).max(MOST_UNITS),
  diagnosis: z
    .array(z.looseObject({ name, sqnr: finite.nullable(), cosine: measured, only: accuracy.nullable(), without: accuracy.nullable() }))
    .max(MOST_UNITS),
  warnings: z.array(text).max(1000),
  seconds: z.record(z.string().max(100), finite),
  fingerprint: fingerprintSchema,
  size: z.object({ fullPrecision: count, quantized: count }).optional(),
});

const points = z.array(measured).max(KEPT_POINTS);

const record = z.strictObject({
  format: z.literal(RECORD_FORMAT),
  id: z.string().min(1).max(100),
  name: z
    .string()
    .min(1)
    .max(LONGEST_NAME + 20),
  star: z.boolean(),
  date: z.iso.datetime(),
  app: z.string().max(100),
  experiment: text.nullable(),
  label: text.nullable(),
  report,
  outline: z.array(z.object({ name, layers: count })).max(MOST_UNITS),
  curves: z
    .array(
      z.object({
        unit: name,
        phase: z.enum(["weights", "activations"]),
        iterations: count,
        every: z.int().min(1),
        mean: points,
        low: points,
        high: points,
      }),
    )
    .max(2 * MOST_UNITS),
  soFar: z
    .array(
      z.object({
        method: z.enum(["nearest", "quantized"]),
        phase: z.enum(["weights", "activations"]),
        unit: count,
        name,
        noise: measured,
        top1: finite.nullable(),
        agreement: finite,
      }),
    )
    .max(4 * MOST_UNITS),
  classes: z
    .object({
      names: z.array(z.string().max(1000)).max(MOST_CLASSES),
      counts: z.array(count).max(MOST_CLASSES),
      accuracy: records(z.array(finite.nullable()).max(MOST_CLASSES)),
      confusion: records(z.array(count).max(128 * 128)).nullable(),
    })
    .nullable(),
});

const envelope = z.object({ format: z.literal(FORMAT), version: z.int().min(1), runs: z.array(z.unknown()).max(MOST_RUNS) });

/** The runs of a file, all or none. @throws RunsFileError */
export function readRuns(content: string): KeptRun[] {
  if (content.length > MOST_CHARACTERS)
    throw new RunsFileError({ kind: "large", megabytes: Math.ceil(content.length / 2 ** 20), most: MOST_CHARACTERS / 2 ** 20 });
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new RunsFileError({ kind: "notJson" });
  }
  if ((value as { format?: unknown } | null)?.format !== FORMAT) throw new RunsFileError({ kind: "notRuns" });
  const { version, runs } = checked(envelope, value, []);
  if (version > FILE_VERSION) throw new RunsFileError({ kind: "newer", version });
  return runs.map((run, i) => {
    const found = checked(record, run, ["runs", i]);
    try {
      const recipe = parseRecipe(found.report.recipe, "recipe");
      return { ...found, report: { ...found.report, recipe } as Report } as KeptRun;
    } catch (error) {
      throw new RunsFileError({ kind: "invalid", where: `runs[${i}]`, what: error instanceof Error ? error.message : String(error) });
    }
  });
}

function checked<T extends z.ZodType>(schema: T, value: unknown, place: readonly (string | number)[]): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0] as z.core.$ZodIssue;
  const where = [...place, ...path].map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  throw new RunsFileError({ kind: "invalid", where: where.replace(/^\./, "") || "file", what: message });
}
