/**
 * Packs the package, installs it in an empty folder without any network, and sees there that it is small, that the command line and
 * the README's script run, that the types need nothing else, and that whoever lacks an optional package is told what installs it.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MOST_MEGABYTES = 60;
/** Minutes that one command may take. */
const PATIENCE = 10;

const folder = mkdtempSync(join(tmpdir(), "brecq-lab-package-"));
// npm may be run by npm, whose settings are not those of the folder.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
let failed = false;

function npm(args, cwd) {
  return execFileSync("npm", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs a program in the folder; both of its outputs. */
function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, env, encoding: "utf8", timeout: PATIENCE * 60_000 });
  if (error) throw error;
  return { status, text: stdout + stderr };
}

function check(what, right, detail) {
  console.log(`${right ? "ok" : "FAILED"}: ${what}`);
  if (right) return;
  console.log(detail);
  failed = true;
}

function checkRun(what, program, args, status, ...expected) {
  const result = run(program, args);
  check(what, result.status === status && expected.every((text) => result.text.includes(text)), `status ${result.status}\n${result.text}`);
}

function sizeOf(path) {
  const info = lstatSync(path);
  return info.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : info.size;
}

/** The script of README's section on the library. */
function readmeScript() {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const [, script] = /^## Library$[\s\S]*?^```js\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  if (!script) throw new Error("README.md has no script in its section Library");
  return script;
}

/** The types compile under the strictest settings, without the types of anything else than the platform's. */
function checkTypes(name, options) {
  const common = {
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    target: "ES2022",
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  };
  const config = `tsconfig.${name}.json`;
  writeFileSync(join(folder, config), JSON.stringify({ compilerOptions: { ...common, ...options }, files: ["typed.ts"] }));
  checkRun(`the types compile strictly (${name})`, process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", config], 0);
}

const TYPED = `import { BadInput, exportAs, exportOnnx, type RunEvent, type Network, predict, quantize, readImages, readNetwork, search } from "brecq-lab";

const network: Network = await readNetwork({ path: "a.onnx", bytes: new Uint8Array() }, { inputSize: [32, 32] });
const calibration = await readImages({ shape: [1, 32, 32, 3], data: new Uint8Array(3072), labels: [1] }, { count: 1 });
const text = (event: RunEvent): string => (event.type === "progress" ? event.text : event.type === "accuracy" ? event.name : "");
const { results, table } = await search({ network, calibration, limits: ["size=3bit"], onEvent: (event) => text(event) });
const recipe = results[0]?.recipe;
const quantized = await quantize({ network, calibration, recipe, weights: { bits: 3 }, activations: { bits: 8 }, signal: new AbortController().signal });
const top1: number | null = quantized.report.accuracy.quantized.top1;
const [output] = await predict(quantized, calibration, { preprocessing: "torchvision" });
const shape: readonly number[] = output?.shape ?? [];
const bytes: Uint8Array = await exportOnnx(quantized, { onnxContainer: "int4", sensitivity: table });
const files = await exportAs(quantized, "safetensors");
// @ts-expect-error
quantize({ network, calibration, method: "guess" });
export const seen = [top1, shape, bytes, files.map(({ name }) => name), network.view().units.length, new BadInput("").message];
`;

try {
  npm(["run", "--silent", "build:package"], ROOT);
  const [{ filename }] = JSON.parse(npm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder], ROOT));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  npm(["install", "--offline", "--no-audit", "--no-fund", join(folder, filename)], folder);

  const installed = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
  check("nothing else is installed with it", installed.join() === "brecq-lab", installed.join());
  const megabytes = sizeOf(join(folder, "node_modules")) / 1e6;
  check(`installed ${megabytes.toFixed(1)} MB, below ${MOST_MEGABYTES}`, megabytes < MOST_MEGABYTES);

  const cli = join(folder, "node_modules/.bin/brecq-lab");
  const demo = ["quantize", "--demo", "shapes-mobilenet", "--method", "nearest", "--weights", "8"];
  checkRun(
    "the command line quantizes and exports; who lacks onnxruntime-node is told",
    cli,
    [...demo, "--export", "net.safetensors", "--export", "net.onnx"],
    0,
    "Full precision",
    "Packed weights",
    "npm install onnxruntime-node",
  );

  const script = readmeScript();
  const lines = script.split("\n").filter((line) => line.trim() !== "").length;
  check(`README's script has ${lines} lines`, lines <= 10);
  writeFileSync(join(folder, "script.mjs"), script);
  checkRun("README's script runs", process.execPath, ["script.mjs"], 0, "quantized:", "[ 500, 10 ]");
  check("it wrote an ONNX file", readFileSync(join(folder, "quantized.onnx"))[0] === 8);

  writeFileSync(join(folder, "typed.ts"), TYPED);
  checkTypes("bundler", { module: "ESNext", moduleResolution: "bundler", types: [] });
  const typeRoots = [join(ROOT, "node_modules/@types")];
  checkTypes("node, without the DOM", { module: "NodeNext", moduleResolution: "NodeNext", lib: ["ES2022"], types: ["node"], typeRoots });

  checkRun("who lacks webgpu is told", cli, [...demo, "--device", "webgpu"], 2, "npm install webgpu");
  mkdirSync(join(folder, "tfjs"));
  writeFileSync(join(folder, "tfjs/model.json"), JSON.stringify({ modelTopology: { node: [] }, weightsManifest: [] }));
  checkRun("who lacks @tensorflow/tfjs is told", cli, ["inspect", "tfjs/model.json"], 2, "npm install @tensorflow/tfjs");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
