/** `verify`: links and files that the lab made bring their run back, to the same bits; what was changed or is damaged is told. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { zipSync } from "fflate";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { NotReproduced, verify } from "../../src/cli/verify";
import { EXPORTERS } from "../../src/export";
import type { QuantizedArtifact } from "../../src/export/artifact";
import { layersOf } from "../../src/graph/queries";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { parseRecipe } from "../../src/session/recipe/schema";
import type { Report } from "../../src/session/run/report";
import { writeLink } from "../../src/session/share/link";
import { readProvenance } from "../../src/session/share/provenance";
import { accessToBytes } from "../../src/session/share/random-access";
import { type SharedRun, sharedRecipe, sharedReport } from "../../src/session/share/shared";
import { artifactOfRun } from "../support/artifact";
import { builtin } from "../support/builtin";

const NETWORK = "shapes-mobilenet";
const folder = mkdtempSync(join(tmpdir(), "brecq-verify-"));
let said: string[];
let artifact: QuantizedArtifact;
/** A short run of a small network with widths of its own for each layer. */
beforeAll(async () => {
  const widths = (from: number) => Object.fromEntries(layersOf(builtin(NETWORK)).map(({ name }, i) => [name, from + (i % 3)]));
  artifact = await artifactOfRun(NETWORK, {
    ...{ method: "nearest", device: "wasm", threads: 1 },
    weights: { bits: 2, scale: "max", assignment: widths(2) },
    activations: { bits: 4, scale: "max", assignment: widths(4) },
  });
});
beforeEach(() => {
  said = [];
  vi.spyOn(console, "log").mockImplementation((line) => void said.push(line));
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  return () => vi.restoreAllMocks();
});

const report = () => artifact.report as unknown as Report;
const REPRODUCED = "Reproduced: accuracy, every unit's loss and every rounding decision are the same.";

function written(path: string, bytes: Uint8Array | string): string {
  const place = join(folder, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, bytes);
  return place;
}

test("a link, with widths by position, to the same bits and a report", async () => {
  const layers = layersOf(builtin(NETWORK)).map(({ name }) => name);
  // So long an address that the widths are written by position.
  const link = writeLink(`https://lab.example/${"x".repeat(1500)}`, sharedReport(report(), "2026-11-26"), layers);
  const out = join(folder, "report.json");
  await verify(link, { out });
  expect(said.at(-1)).toBe(REPRODUCED);
  const again = JSON.parse(readFileSync(out, "utf8")) as Report;
  expect(again.fingerprint).toEqual(report().fingerprint);
  await verify(out, {});
  expect(said.at(-1)).toBe(REPRODUCED);
});

test("a result that does not come out is told field by field", async () => {
  const run = sharedReport(report(), null);
  const other: SharedRun = { ...run, fingerprint: { ...(run.fingerprint as Report["fingerprint"]), top1: 12.5, rounding: "ab".repeat(32) } };
  await expect(verify(writeLink("https://lab/", other, null), {})).rejects.toThrow(
    /Not the same:\nComputed on WebAssembly.*\n {2}top-1 is .* instead of 12\.50 %\n {2}the quantized network differs/,
  );
});

test("what is missing is asked for all at once, by name, hash and address; settings alone and strange addresses are refused", async () => {
  const recipe = parseRecipe(
    {
      ...demoRecipe(),
      model: { kind: "file", name: "net.onnx", sha256: "ab".repeat(32) },
      calibration: { kind: "files", name: "images.zip", from: "https://example.com/images.zip" },
    },
    "r",
  );
  const run: SharedRun = { ...sharedReport(report(), null), recipe };
  await expect(verify(writeLink("https://lab/", run, null), {})).rejects.toThrow(
    "The result needs files that were not given:\n  net.onnx, sha256 abababababab…: give --model PATH\n  images.zip: give --calibration PATH, or --fetch to ask for https://example.com/images.zip",
  );
  await expect(verify(writeLink("https://lab/", sharedRecipe(recipe, 2), null), {})).rejects.toThrow(/holds settings and no result/);
  await expect(verify("https://lab/", {})).rejects.toThrow(/no shared run/);
  await expect(verify(written("plain.json", "{}"), {})).rejects.toThrow(/does not say which run/);
});

test("every kind of export carries its run, and its weights are compared with the run's", async () => {
  for (const kind of ["onnx", "safetensors", "tfjs", "html"] as const) {
    const files = await EXPORTERS[kind](artifact, { name: "net", onnxContainer: kind === "onnx" ? "int4" : "int8" });
    const [first] = files;
    const zipped = kind === "tfjs" || kind === "safetensors";
    const bytes = zipped ? zipSync(Object.fromEntries(files.map((file) => [file.name, file.bytes]))) : (first?.bytes as Uint8Array);
    const name = zipped ? `net.${kind}.zip` : (first?.name as string);
    const found = await readProvenance(name, accessToBytes(bytes));
    expect(found?.run.fingerprint, kind).toEqual(report().fingerprint);
    expect({ ...found?.run.recipe, device: "wasm" }, kind).toEqual(report().recipe);
    expect(found?.run.headline?.accuracy.quantized.agreement, kind).toBe(report().accuracy.quantized.agreement);
    said = [];
    await verify(written(name, bytes), {});
    expect(said, kind).toContain(REPRODUCED);
    if (kind !== "html") expect(said.at(-1), kind).toMatch(/byte for byte, those of this run/);
  }
});

test("a file whose weights were changed after the export is told apart; damaged metadata too", async () => {
  const [file] = await EXPORTERS.onnx(artifact, { name: "net" });
  const bytes = Uint8Array.from(file?.bytes ?? []);
  const found = await readProvenance("net.onnx", accessToBytes(bytes));
  expect(found?.container).toBe("int8");
  // A byte in the middle of the graph, which lies before the metadata.
  bytes[5000] = (bytes[5000] as number) ^ 1;
  await expect(verify(written("changed.onnx", bytes), {})).rejects.toThrow(NotReproduced);
  expect(said).toContain(REPRODUCED);
  const text = (change: (text: string) => string) => {
    const plain = Array.from(file?.bytes as Uint8Array, (byte) => String.fromCharCode(byte)).join("");
    return Uint8Array.from(change(plain), (character) => character.charCodeAt(0));
  };
  const broken = text((plain) => plain.replace('{"version":2,"model"', '{"version":2;"model"'));
  await expect(readProvenance("net.onnx", accessToBytes(broken))).rejects.toThrow(/says that the lab made it, but what it says is damaged/);
  const unknown = text((plain) => plain.replace('"method":"nearest"', '"method":"nearxst"'));
  await expect(readProvenance("net.onnx", accessToBytes(unknown))).rejects.toThrow(/The recipe in net\.onnx: method is not valid/);
  const demo = new Uint8Array(readFileSync("public/demo/shapes-regnet.onnx"));
  expect(await readProvenance("regnet.onnx", accessToBytes(demo))).toBeNull();
  expect(await readProvenance("cut.onnx", accessToBytes(demo.subarray(0, 1000)))).toBeNull();
});
