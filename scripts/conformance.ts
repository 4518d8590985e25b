/**
 * Runs the ONNX project's conformance data through the lab's reader and engine and writes docs/results/conformance.md.
 *
 *     npm run conformance -- [FOLDER]
 *
 * FOLDER holds the suites node, pytorch-converted, pytorch-operator and simple; Debian's libonnx-testdata puts them into
 * /usr/share/libonnx-testdata/data, the default.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createWasmDevice } from "../src/engine/wasm/device";
import { type Case, judge, readCase, type Verdict } from "../tests/support/onnx/conformance";

const SUITES = ["node", "pytorch-converted", "pytorch-operator", "simple"] as const;
const OUT = "docs/results/conformance.md";

/** What networks of images are made of: every case of these alone must be right, or refused for a reason of training or quantization. */
const OPERATORS: ReadonlySet<string> = new Set(
  `Add AveragePool BatchNormalization Cast CastLike Clip Concat Constant ConstantOfShape Conv ConvTranspose DepthToSpace Div Dropout Erf Expand Flatten Gather
  Gelu Gemm GlobalAveragePool GlobalMaxPool GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization LRN LayerNormalization LeakyRelu
  LogSoftmax MatMul MaxPool Mish Mul PRelu Pad ReduceMax ReduceMean ReduceSum Relu Reshape Resize Shape Sigmoid Size Slice Softmax SpaceToDepth Split
  Squeeze Sub Sum Swish Tanh Transpose Unsqueeze Upsample`
    .split(/\s+/)
    .filter((name) => name !== ""),
);

type Group = "images" | "other ranks" | "other operators";
const TITLES: Readonly<Record<Group, string>> = {
  images: "Images [N, C, H, W], operators of convolutional networks",
  "other ranks": "Two and three axes, operators of convolutional networks",
  "other operators": "Two to four axes, with other operators",
};

interface Result {
  readonly suite: string;
  readonly group: Group;
  readonly entry: Case;
  readonly verdict: Verdict;
}

/** Null where a case is not on two to four axes of floats. */
function groupOf({ image, expected, operators }: Case): Group | null {
  if (!image || !expected || image.dims.length < 2 || image.dims.length > 4) return null;
  if (!operators.every((operator) => OPERATORS.has(operator))) return "other operators";
  return image.dims.length === 4 ? "images" : "other ranks";
}

/** A refusal without the names of one file. */
function reasonOf(message: string): string {
  const unsupported = /does not support: (.*?)\. It reads/.exec(message)?.[1];
  if (unsupported) return `operator not supported: ${unsupported.replace(/ \(\d+ nodes?, first "[^"]*"\)/g, "")}`;
  return message
    .replace(/^Node "[^"]*" \((\w+), opset \d+\) of \S+ /, "$1: it ")
    .replace(/\S+\.onnx/g, "the file")
    .replace(/^Input "[^"]*" of the file has shape \[([^\]]*)\]/, (_, dims: string) => `the input has ${dims.split(",").length} axes`)
    .replace(/"[^"]*"/g, '"..."');
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

const VERDICTS = ["right", "refused", "wrong"] as const;
const counts = (results: readonly Result[]) => VERDICTS.map((kind) => results.filter(({ verdict }) => verdict.kind === kind).length);
/** The operator that a case is about: its own, or that of its first node among several. */
const subject = ({ entry: { operators } }: Result) => (operators.length === 1 ? (operators[0] as string) : "(several nodes)");
const named = (results: readonly Result[], most: number) =>
  results
    .slice(0, most)
    .map(({ entry }) => entry.name.replace(/^test_/, ""))
    .join(", ") + (results.length > most ? ", …" : "");

function report(results: readonly Result[], outside: number, folder: string): string {
  const parts = [
    "# ONNX conformance",
    `\`npm run conformance -- ${folder}\` on ${new Date().toISOString().slice(0, 10)}: the ONNX project's own cases (node, pytorch-converted, pytorch-operator, simple), read by the lab and run by its engine (wasm). The first input is the image, the others are constants of the file. Right: every output within 1e-3 of each number, as ONNX's backend test asks.`,
    table(
      ["cases", ...VERDICTS],
      [
        ...(Object.keys(TITLES) as Group[]).map((group) => [TITLES[group], ...counts(results.filter((result) => result.group === group))]),
        ["not of two to four axes of floats, or with an output that is not (not run)", `(${outside})`, "", ""],
      ],
    ),
  ];
  for (const group of Object.keys(TITLES) as Group[]) {
    const own = results.filter((result) => result.group === group);
    parts.push(`## ${TITLES[group]}`);
    parts.push(
      table(
        ["operator", ...VERDICTS],
        grouped(own, subject).map(([operator, members]) => [operator, ...counts(members)]),
      ),
    );
    for (const kind of ["wrong", "refused"] as const) {
      const failed = own.filter(({ verdict }) => verdict.kind === kind);
      if (failed.length === 0) continue;
      const reasons = grouped(failed, ({ verdict }) => (verdict.kind === "right" ? "" : reasonOf(verdict.reason)));
      parts.push(`### ${kind === "wrong" ? "Wrong" : "Refused"}`);
      parts.push(
        table(
          ["reason", "cases", "which"],
          reasons.map(([reason, members]) => [reason, members.length, named(members, 6)]),
        ),
      );
    }
  }
  return `${parts.join("\n\n")}\n`;
}

const folder = process.argv[2] ?? "/usr/share/libonnx-testdata/data";
if (!existsSync(`${folder}/node`)) {
  console.error(
    `${folder} holds no suite "node"; install Debian's libonnx-testdata, or name the folder onnx/backend/test/data of the ONNX repository.`,
  );
  process.exit(1);
}
const device = await createWasmDevice(1);
const results: Result[] = [];
let outside = 0;
for (const suite of SUITES) {
  if (!existsSync(`${folder}/${suite}`)) continue;
  for (const name of readdirSync(`${folder}/${suite}`).sort()) {
    const entry = readCase(`${folder}/${suite}/${name}`, name);
    const group = entry && groupOf(entry);
    if (!entry || !group) outside++;
    else results.push({ suite, group, entry, verdict: await judge(device, entry) });
  }
}
device.dispose();
mkdirSync("docs/results", { recursive: true });
writeFileSync(OUT, report(results, outside, folder));
for (const group of Object.keys(TITLES) as Group[]) {
  const [right, refused, wrong] = counts(results.filter((result) => result.group === group));
  console.log(`${TITLES[group]}: ${right} right, ${refused} refused, ${wrong} wrong`);
}
for (const { entry, verdict } of results) if (verdict.kind === "wrong") console.log(`wrong: ${entry.name}: ${verdict.reason}`);
console.log(`Written: ${OUT}`);
process.exit(results.some(({ verdict }) => verdict.kind === "wrong") ? 1 : 0);
