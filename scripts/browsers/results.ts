/** docs/results/browsers.md: which browsers did what, and with which fingerprint. */
import type { Fingerprint } from "../../src/session/share/fingerprint";
import type { Found } from "./checks";

export interface Outcome {
  readonly title: string;
  readonly version: string;
  readonly found: Found;
  /** By the check's title: nothing where it passed, else why it failed. */
  readonly checks: ReadonlyMap<string, string | null>;
}

export interface NodeOutcome {
  readonly version: string;
  readonly threads: string;
  readonly seconds: number;
  readonly fingerprint: Fingerprint;
}

const threadsOf = (description: string | undefined) => /(\d+) threads?/.exec(description ?? "")?.[1] ?? "–";
const time = (value: number | undefined) => (value === undefined ? "–" : value.toFixed(1));
const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
const figure = (value: number | null | undefined) => (value === null || value === undefined ? "–" : `${value.toFixed(2)} %`);

export function resultsOf(outcomes: readonly Outcome[], node: NodeOutcome, isSame: (outcome: Outcome) => boolean): string {
  const titles = [...new Set(outcomes.flatMap(({ checks }) => [...checks.keys()]))];
  const failures = outcomes.flatMap(({ title, checks }) =>
    [...checks].flatMap(([check, why]) => (why === null ? [] : [`- ${title}, ${check}: ${why}`])),
  );
  const row = (title: string, version: string, threads: string, cold: string, run: string, print: Fingerprint | undefined, same: string) => [
    ...[title, version, threads, cold, run, figure(print?.top1)],
    ...[print ? `\`${print.rounding.slice(0, 16)}\`` : "–", print?.result ? `\`${print.result.slice(0, 16)}\`` : "–", same],
  ];
  return `${[
    "# Browsers",
    `\`npm run verify:browsers\` on ${new Date().toISOString().slice(0, 10)}: in each browser the built page is opened from an empty profile, the demo is run with its own settings by a press on Run, and every view is used (\`scripts/browsers/checks.ts\`). The fingerprint is read from the report that the page saves and from its share link, and compared, whole, with that of \`brecq-lab quantize\` in Node. Seconds are not to be compared: other work ran beside.`,
    table(
      ["", "version", "threads", "network stands, s", "run, s", "top-1", "fingerprint: rounding", "fingerprint: result", "as in Node"],
      [
        row("Node", node.version, node.threads, "–", time(node.seconds), node.fingerprint, ""),
        ...outcomes.map((outcome) => {
          const { title, version, found } = outcome;
          const print = found.report?.fingerprint;
          return row(
            ...([title, version, threadsOf(found.report?.device.description), time(found.cold), time(found.run)] as const),
            print,
            isSame(outcome) ? "same" : print ? "**different**" : "**none**",
          );
        }),
      ],
    ),
    `Rounding: \`${node.fingerprint.rounding}\`  \nResult: \`${node.fingerprint.result ?? ""}\``,
    "## Checks",
    table(
      ["", ...outcomes.map(({ title }) => title)],
      titles.map((title) => [
        title,
        ...outcomes.map(({ checks }) => (checks.get(title) === null ? "right" : checks.has(title) ? "**wrong**" : "not reached")),
      ]),
    ),
    ...(failures.length > 0 ? ["## What went wrong", failures.join("\n")] : []),
  ].join("\n\n")}\n`;
}
