/** Writes the tables of bench/README.md, between its two markers, from a result. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { type Result, short } from "./result";

const README = "bench/README.md";
const [BEGIN, END] = ["<!-- figures -->", "<!-- end of figures -->"];

export function writeReadme(file: string, result: Result): void {
  const text = readFileSync(README, "utf8");
  const [head, rest] = text.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined) throw new Error(`${README} lacks the markers ${BEGIN} and ${END}`);
  writeFileSync(README, `${head}${BEGIN}\n\n${tables(result, basename(file))}\n${END}${tail}`);
}

function tables(result: Result, file: string): string {
  const { machine, adapter, date, seconds, comparisons, checks } = result;
  const chart = file.replace(/\.json$/, ".svg");
  const devices = [...new Set(comparisons.map(({ device }) => device))];
  const shares = checks.filter(({ name }) => name.endsWith(": % of the peak"));
  const rates = new Set(shares.flatMap(({ name }) => [name, name.replace("% of the peak", "GFLOP/s")]));
  return [
    `${machine}; WebGPU adapter: ${adapter ?? "none"}; ${date}; the run took ${Math.round(seconds / 60)} minutes`,
    `([results/${file}](results/${file})).\n`,
    `![Ratios by work and competitor](results/${chart})\n`,
    ...devices.flatMap((device) => [comparisonTable(result, device), ""]),
    "GFLOP/s of the direct algorithm, and the share of the peak, of each convolution alone:\n",
    convolutionTable(result),
    "\n| check | value |\n|---|---|",
    ...checks.filter(({ name }) => !rates.has(name)).map(({ name, value }) => `| ${name} | ${typeof value === "number" ? short(value) : value} |`),
    "",
  ].join("\n");
}

/** A row a work, a column a competitor: how many times faster ours is, and milliseconds. */
function comparisonTable({ comparisons }: Result, device: string): string {
  const own = comparisons.filter((comparison) => comparison.device === device);
  const names = [...new Set(own.map(({ against }) => against))];
  const rows = [...new Set(own.map(({ work }) => work))].map((work) => {
    const cells = names.map((against) => {
      const found = own.find((comparison) => comparison.work === work && comparison.against === against);
      return found ? `**${short(found.ratio)}x** (${short(found.theirs)} ms${found.pairs === 0 ? ", disturbed" : ""})` : "";
    });
    const first = own.find((comparison) => comparison.work === work);
    return `| ${work} | ${short(first?.ours ?? 0)} ms | ${cells.join(" | ")} |`;
  });
  return [`| work | ${device} | ${names.join(" | ")} |`, `|---|---|${names.map(() => "---|").join("")}`, ...rows].join("\n");
}

/** A row a convolution, a column a device. */
function convolutionTable({ checks }: Result): string {
  const value = (name: string) => checks.find((check) => check.name === name)?.value;
  const names = checks.filter(({ name }) => name.endsWith(": % of the peak")).map(({ name }) => name.replace(": % of the peak", ""));
  const split = names.map((name) => /^(.*gradient|.*forward), (.*)$/.exec(name) as RegExpExecArray);
  const labels = [...new Set(split.map((match) => match[2] as string))];
  const rows = [...new Set(split.map((match) => match[1] as string))].map((row) => {
    const cells = labels.map((label) => {
      const rate = value(`${row}, ${label}: GFLOP/s`);
      return rate === undefined ? "" : `${rate} (${value(`${row}, ${label}: % of the peak`)} %)`;
    });
    return `| ${row} | ${cells.join(" | ")} |`;
  });
  return [`| convolution | ${labels.join(" | ")} |`, `|---|${labels.map(() => "---|").join("")}`, ...rows].join("\n");
}
