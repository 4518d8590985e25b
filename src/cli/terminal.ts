/** What a run looks like on a terminal: a bar with the time left, or plain lines where output is not one. */
import { SingleBar } from "cli-progress";
import type { NetworkView } from "../session/network/view";
import { memoryText } from "../session/run/memory-text";
import { ACCURACIES, type Report } from "../session/run/report";
import type { LabEvent } from "../session/worker/events";

export class TerminalProgress {
  private readonly bar: SingleBar | null;

  constructor(stream: NodeJS.WriteStream) {
    this.bar = stream.isTTY
      ? new SingleBar({ format: "{bar} {percentage}% | {text} | {left}", stream, hideCursor: true, barsize: 30, clearOnComplete: true })
      : null;
  }

  handle(event: LabEvent): void {
    switch (event.type) {
      case "device":
        this.line(`Device: ${event.description} (${event.reason})`);
        this.bar?.start(100, 0, { text: "", left: "" });
        break;
      case "memory":
        this.line(memoryText(event.estimate, event.plan));
        break;
      case "progress":
        this.bar?.update(Math.round(event.fraction * 100), {
          text: event.text,
          left: event.secondsLeft === null ? "" : `${duration(event.secondsLeft)} left`,
        });
        break;
      case "accuracy":
        this.line(`${LABELS[event.name]}: ${accuracyText(event.accuracy)}`);
        break;
      case "unitDone": {
        const { name, loss, settled, seconds } = event.report;
        this.line(
          `  ${name}: loss ${loss.first.toPrecision(4)} -> ${loss.last.toPrecision(4)}, ${(100 * settled).toFixed(1)} % settled, ${seconds.toFixed(1)} s`,
        );
        break;
      }
      case "warning":
        this.line(`Warning: ${event.message}`);
        break;
      case "queueRun":
        this.line(`Run ${event.index + 1} of ${event.total}: ${event.label}, seed ${event.seed}`);
        break;
      default:
        break;
    }
  }

  stop(): void {
    this.bar?.stop();
  }

  /** A line above the bar. */
  private line(text: string): void {
    if (this.bar) process.stderr.write("\r\x1b[K");
    process.stderr.write(`${text}\n`);
  }
}

const LABELS = { fullPrecision: "Full precision", nearest: "Nearest rounding", quantized: "Quantized" } as const;

function accuracyText({ top1, agreement, images }: Report["accuracy"]["quantized"]): string {
  return `${top1 === null ? "" : `top-1 ${top1.toFixed(2)} %, `}agreement ${agreement.toFixed(2)} % of ${images} images`;
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function summary(report: Report): string {
  const lines = ACCURACIES.map((name) => `${LABELS[name].padEnd(18)}${accuracyText(report.accuracy[name])}`);
  if (report.recipe.diagnose) lines.push(...diagnosisTable(report));
  return [...lines, `${duration(report.seconds.total ?? 0)} in all, fingerprint ${report.fingerprint.rounding.slice(0, 16)}`].join("\n");
}

function diagnosisTable({ diagnosis }: Report): string[] {
  const percent = (accuracy: Report["accuracy"]["quantized"] | null) => (accuracy ? `${(accuracy.top1 ?? accuracy.agreement).toFixed(2)} %` : "");
  const rows = [["unit", "SQNR, dB", "cosine", "only it", "all but it"]];
  for (const { name, sqnr, cosine, only, without } of diagnosis)
    rows.push([name, sqnr === null ? "-" : sqnr.toFixed(1), cosine.toFixed(4), percent(only), percent(without)]);
  return aligned(rows, 1);
}

/** Columns of equal width; from column `first` on aligned to the right. */
function aligned(rows: readonly (readonly string[])[], first: number): string[] {
  const widths = (rows[0] as readonly string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i >= first ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
      .join("  ")
      .trimEnd(),
  );
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
