/** What a run looks like on a terminal: lines, and under them a bar with the time left where output is a terminal. */

import type { Preprocessing } from "../data/preprocess";
import type { FirstLook } from "../quantize/first-look";
import { LOOK_COLUMNS, lookRow, whatIsHard } from "../session/network/first-look";
import type { NetworkView } from "../session/network/view";
import { preprocessingText } from "../session/recipe/preprocessing-text";
import { memoryText } from "../session/run/memory-text";
import { ACCURACIES, type Report } from "../session/run/report";
import { verdictOf, verdictText } from "../session/run/verdict";
import type { LabEvent } from "../session/worker/events";
import { preprocessingFlags } from "./preprocessing";

/** Columns of the bar itself. */
const BAR = 30;

export class TerminalProgress {
  /** The bar as it was drawn last; null where there is none. */
  private bar: string | null = null;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  handle(event: LabEvent): void {
    switch (event.type) {
      case "device":
        this.line(`Device: ${event.description} (${event.reason})`);
        break;
      case "recipe":
        this.preprocessing(event.recipe.preprocessing);
        break;
      case "memory":
        this.line(memoryText(event.estimate, event.plan));
        break;
      case "progress":
        this.draw(event.fraction, event.text, event.secondsLeft);
        break;
      case "accuracy":
        this.line(`${LABELS[event.name]}: ${accuracyText(event.accuracy, event.on)}`);
        break;
      case "unitDone": {
        const { name, loss, settled, seconds } = event.report;
        this.line(
          `  ${name}: loss ${loss.first.toPrecision(4)} -> ${loss.last.toPrecision(4)}, ${(100 * settled).toFixed(1)} % settled, ${seconds.toFixed(1)} s`,
        );
        break;
      }
      case "resumed":
        this.line(
          `  ${event.name}: ${event.iteration === null ? "done before" : `goes on after ${event.iteration} iterations`}, from the checkpoint`,
        );
        break;
      case "warning":
        this.line(`Warning: ${event.message}`);
        break;
      case "advice":
        this.line(`  To take it: ${preprocessingFlags(event.advice.preprocessing, event.input)}`);
        break;
      case "queueRun":
        this.line(`Run ${event.index + 1} of ${event.total}: ${event.label}, seed ${event.seed}`);
        break;
      default:
        break;
    }
  }

  preprocessing(preprocessing: Preprocessing): void {
    this.line(`Preprocessing: ${preprocessingText(preprocessing)}`);
  }

  /** A line of one's own above the bar. */
  say(text: string): void {
    this.line(text);
  }

  /** Takes the bar away. */
  stop(): void {
    if (this.bar !== null) this.stream.write("\r\x1b[K");
    this.bar = null;
  }

  private draw(fraction: number, text: string, secondsLeft: number | null): void {
    if (!this.stream.isTTY) return;
    const full = Math.round(BAR * fraction);
    const left = secondsLeft === null ? "" : ` | ${duration(secondsLeft)} left`;
    const line = `${"█".repeat(full)}${"░".repeat(BAR - full)} ${Math.round(100 * fraction)}% | ${text}${left}`.slice(0, this.stream.columns || 80);
    if (line !== this.bar) this.stream.write(`\r\x1b[K${line}`);
    this.bar = line;
  }

  /** A line above the bar. */
  private line(text: string): void {
    const { bar } = this;
    this.stop();
    this.stream.write(`${text}\n`);
    if (bar !== null) this.stream.write(bar);
    this.bar = bar;
  }
}

const LABELS = { fullPrecision: "Full precision", nearest: "Nearest rounding", quantized: "Quantized" } as const;

function accuracyText({ top1, agreement, images, meanIou }: Report["accuracy"]["quantized"], on: "test" | "calibration"): string {
  const right = meanIou === undefined || meanIou === null ? "top-1" : `mean IoU ${meanIou.toFixed(2)} %, pixel accuracy`;
  return `${top1 === null ? "" : `${right} ${top1.toFixed(2)} %, `}agreement ${agreement.toFixed(2)} % of ${images} ${on} images`;
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Accuracies, time and fingerprint, and last what the run came to. */
export function summary(report: Report, verdict: string = `${verdictText(verdictOf(report))}.`): string {
  const lines = ACCURACIES.map(
    (name) => `${LABELS[name].padEnd(18)}${accuracyText(report.accuracy[name], report.evaluatedOn === "calibration" ? "calibration" : "test")}`,
  );
  if (report.worstClass) lines.push(worstText(report.worstClass));
  if (report.recipe.diagnose) lines.push(...diagnosisTable(report));
  const { rounding, result } = report.fingerprint;
  lines.push(
    `${duration(report.seconds.total ?? 0)} in all`,
    `Fingerprint of the quantized network ${rounding.slice(0, 16)}, of recipe and result ${result?.slice(0, 16) ?? "unknown"}`,
    verdict,
  );
  return lines.join("\n");
}

function worstText(worst: NonNullable<Report["worstClass"]>): string {
  const of = (name: (typeof ACCURACIES)[number]) => `${worst[name].top1.toFixed(1)} % (${worst[name].name})`;
  return `Worst class       full precision ${of("fullPrecision")}, nearest rounding ${of("nearest")}, quantized ${of("quantized")}`;
}

function diagnosisTable({ diagnosis }: Report): string[] {
  const percent = (accuracy: Report["accuracy"]["quantized"] | null) => (accuracy ? `${(accuracy.top1 ?? accuracy.agreement).toFixed(2)} %` : "");
  const rows = [["unit", "SQNR, dB", "cosine", "only this unit", "all others"]];
  for (const { name, sqnr, cosine, only, without } of diagnosis)
    rows.push([name, sqnr === null ? "-" : sqnr.toFixed(1), cosine.toFixed(4), percent(only), percent(without)]);
  return aligned(rows, 1);
}

/** Columns of equal width; from column `first` on aligned to the right. */
export function aligned(rows: readonly (readonly string[])[], first: number): string[] {
  const widths = (rows[0] as readonly string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i >= first ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
      .join("  ")
      .trimEnd(),
  );
}

/** A first look at a network's weights: a row for each layer, and what will be hard. */
export function lookTable(look: FirstLook): string {
  return [
    "Rounding noise of the weights alone (signal-to-noise ratio, dB), ranges and outlier channels:",
    ...aligned([LOOK_COLUMNS, ...look.layers.map(lookRow)], 1),
    ...whatIsHard(look),
  ].join("\n");
}

export function networkTable(network: NetworkView): string {
  const rows = [["unit", "layer", "kind", "kernel", "output", "parameters", "MACs"]];
  for (const unit of network.units) {
    const title = unit.unit === null ? "-" : `${unit.unit + 1} ${unit.name}`;
    if (unit.layers.length === 0) rows.push(["-", unit.operations.join(", "), "", "", unit.output.join("x"), "", ""]);
    unit.layers.forEach((layer, i) => {
      rows.push([
        i === 0 ? title : "",
        layer.name,
        layer.kind,
        layer.kernel.join("x"),
        layer.output.join("x"),
        String(layer.parameters),
        String(layer.macs),
      ]);
    });
  }
  const table = aligned(rows, 5);
  const total = `${network.name}: input ${network.input.join("x")}, ${network.classes} classes, ${network.parameters} parameters, ${network.macs} MACs`;
  return [...table, total].join("\n");
}
