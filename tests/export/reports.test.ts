/** What an export tells of a run: node data in the form of Model Explorer, and the report as a page that stands alone. */
import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { safetensors as parser } from "@jax-js/loaders";
import { Ajv } from "ajv";
import { unzipSync } from "fflate";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { planExports } from "../../src/cli/export";
import type { ExportedFile, QuantizedArtifact } from "../../src/export/artifact";
import { exportKindOf } from "../../src/export/catalog";
import { encodings } from "../../src/export/encodings";
import { htmlReport } from "../../src/export/html";
import { shapeOutputsFirst } from "../../src/export/layout";
import { nodeData } from "../../src/export/node-data";
import { safetensors } from "../../src/export/safetensors";
import { layersOf } from "../../src/graph/queries";
import type { Layer } from "../../src/graph/types";
import type { Report } from "../../src/session/run/report";
import { exportFile } from "../../src/session/worker/export";
import { artifactOfRun } from "../support/artifact";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

let artifact: QuantizedArtifact;
beforeAll(async () => {
  const activations = { bits: 4, scale: "max", iterations: 4 };
  artifact = await artifactOfRun("shapes-resnet14", { method: "brecq", weights: { bits: 3 }, activations, diagnose: true });
});

describe("node data", () => {
  test("every file has the form of Model Explorer's documentation, and names nodes of the network", async () => {
    const layers = layersOf(artifact.graph);
    const sensitivity = {
      bits: [2, 3, 4],
      layers: layers.map(({ name }, i) => ({ name, losses: i === 0 ? [0.5] : [3, 2, 1], fixed: i === 0 ? 8 : null })),
    };
    const files = await nodeData({ ...artifact, sensitivity }, { name: "net" });
    const kinds = ["bits", "loss", "noise", "output-noise", "sensitivity", "accuracy-lost"];
    expect(files.map(({ name }) => name)).toEqual(kinds.map((kind) => `net.${kind}.nodes.json`));
    const valid = new Ajv().compile(JSON.parse(readFileSync(fileURLToPath(new URL("schemas/node-data.json", import.meta.url)), "utf8")));
    const names = new Set(artifact.graph.nodes.map(({ name }) => name));
    const data = files.map(({ bytes }) => JSON.parse(text(bytes)));
    for (const one of data) {
      valid(one);
      expect(valid.errors ?? []).toEqual([]);
      expect(Object.keys(one.results).filter((name) => !names.has(name))).toEqual([]);
    }
    const valueAt = (kind: string, node: string) => data[kinds.indexOf(kind)].results[node]?.value;
    const [first, second] = layers.map(({ name }) => name) as [string, string];
    expect([valueAt("bits", first), valueAt("bits", second)]).toEqual([8, 3]);
    expect([valueAt("sensitivity", first), valueAt("sensitivity", second)]).toEqual([0.5, 2]);
    expect(valueAt("loss", first)).toBeUndefined();
    const unit = artifact.report.units[0];
    expect(valueAt("loss", second)).toBe(unit?.loss.last);
    expect(valueAt("noise", first)).toBeGreaterThan(valueAt("noise", second) + 15);
    const { only } = artifact.report.diagnosis[0] as (typeof artifact.report.diagnosis)[number];
    expect(valueAt("accuracy-lost", first)).toBe((artifact.report.accuracy.fullPrecision.top1 as number) - (only?.top1 as number));
  });
});

describe("the report as HTML", () => {
  test("holds the run's numbers and charts, and no script and no address to load from", async () => {
    const [file] = await htmlReport(artifact, { name: "net" });
    const page = text(file?.bytes);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|\bhref=|@import|url\(/i);
    expect(page).toContain("default-src 'none'");
    const { accuracy, fingerprint, units } = artifact.report;
    for (const { top1 } of Object.values(accuracy)) expect(page).toContain(`${(top1 as number).toFixed(2)} %`);
    expect(page).toContain(fingerprint.rounding);
    for (const { name, loss } of units) {
      expect(page).toContain(`<td>${name}</td>`);
      expect(page).toContain(`<td>${loss.last.toPrecision(4)}</td>`);
    }
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page.match(/<polyline /g)).toHaveLength(units.length);
    expect(page).toContain("&quot;bits&quot;: 3");
    expect(page).toContain("W3, 8 A4, 8");
  });

  test("what a file is called cannot become markup", async () => {
    const recipe = { ...artifact.recipe, model: { name: "<script>alert(1)</script>.onnx" } };
    const report = { ...artifact.report, warnings: ["<b>bold</b>"] };
    const [file] = await htmlReport({ ...artifact, recipe, report }, { name: "net" });
    expect(text(file?.bytes)).not.toMatch(/<script|<b>/);
    expect(text(file?.bytes)).toContain("&lt;script>");
  });
});

test("a layer that is kept in float stays in float, and is named as such", async () => {
  const layer = layersOf(artifact.graph)[3] as Layer;
  const without = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([name]) => name !== layer.name));
  const network = { ...artifact.network, kernels: without(artifact.network.kernels), weights: without(artifact.network.weights) };
  const [packed, beside] = (await safetensors({ ...artifact, network }, { name: "net" })) as [ExportedFile, ExportedFile];
  const module = (layer.operation.kernel.source as { name: string }).name.replace(/\.weight$/, "");
  expect(JSON.parse(text(beside.bytes)).quantization_config.ignore).toEqual([module]);
  const tensor = parser.parse(packed.bytes.slice().buffer).tensors[`${module}.weight`];
  expect([tensor?.dtype, tensor?.shape]).toEqual(["F32", shapeOutputsFirst(layer.operation.kernel.shape)]);
  const content = JSON.parse(text((await encodings({ ...artifact, network }, { name: "net" }))[0]?.bytes));
  expect(content.excluded_layers).toEqual([layer.name]);
  expect(content.param_encodings).toHaveLength(layersOf(artifact.graph).length - 1);
});

describe("--export", () => {
  test("the ending of a name says the kind; an unknown one is an error that lists all", async () => {
    const kinds = [
      "a/net.safetensors",
      "net.encodings",
      "net.encodings.json",
      "net.json",
      "NET.NODES.JSON",
      "net.html",
      "model.json",
      "a/model.json",
      "net.tfjs.zip",
      "my-model.json",
    ].map((name) => exportKindOf(name).kind);
    expect(kinds).toEqual(["safetensors", "encodings", "encodings", "encodings", "nodes", "html", "tfjs", "tfjs", "tfjs", "encodings"]);
    for (const name of ["net.pth", "net", ".html"])
      expect(() => exportKindOf(name)).toThrow(/its ending must be one of .*\.safetensors \(Packed weights\).*\.html/);
    await expect(planExports({ export: ["net.tflite"], proof: false })).rejects.toThrow(/net\.tflite names no kind of export/);
    await expect(planExports({ export: [join(fileURLToPath(import.meta.url), "net.html")], proof: false })).rejects.toThrow(/cannot be written/);
  });

  test("files are written where they were asked for, with what belongs to them beside, and told", async () => {
    const folder = mkdtempSync(join(tmpdir(), "export-"));
    const paths = ["net.safetensors", "net.encodings", "net.nodes.json", "deep/net.html"].map((name) => join(folder, name));
    const planned = await planExports({ export: paths, proof: false });
    planned.keep(artifact.network, artifact.report as Report, artifact.evidence);
    const told = vi.spyOn(console, "log").mockImplementation(() => {});
    await planned.write();
    const lines = told.mock.calls.map(([line]) => line as string);
    told.mockRestore();
    const written = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort();
    const nodes = ["accuracy-lost", "loss", "noise", "output-noise"].map((kind) => `net.${kind}.nodes.json`);
    expect(written).toEqual(["deep/net.html", "net.encodings", "net.nodes.json", "net.safetensors", "net.safetensors.json", ...nodes].sort());
    expect(lines).toHaveLength(written.length);
    expect(lines[0]).toBe(`Packed weights: ${paths[0]}, ${(statSync(paths[0] as string).size / 1000).toFixed(1)} kB`);
    expect(Object.keys(parser.parse(readFileSync(paths[0] as string)).tensors).length).toBeGreaterThan(40);
  });
});

test("a TensorFlow.js model is written as a folder or a zip, and proved by TensorFlow.js", async () => {
  const folder = mkdtempSync(join(tmpdir(), "export-"));
  const planned = await planExports({ export: [join(folder, "web/model.json"), join(folder, "net.tfjs.zip")] });
  planned.keep(artifact.network, artifact.report as Report, artifact.evidence);
  const told = vi.spyOn(console, "log").mockImplementation(() => {});
  await planned.write();
  const lines = told.mock.calls.map(([line]) => line as string);
  told.mockRestore();
  expect(readdirSync(join(folder, "web")).sort()).toEqual(["group1-shard1of1.bin", "model.json"]);
  const zipped = unzipSync(new Uint8Array(readFileSync(join(folder, "net.tfjs.zip"))));
  expect(Object.keys(zipped).sort()).toEqual(["group1-shard1of1.bin", "model.json"]);
  expect(zipped["model.json"]).toEqual(new Uint8Array(readFileSync(join(folder, "web/model.json"))));
  expect(lines.filter((line) => /Proved with TensorFlow\.js \(wasm\) on 64 images: every image has the same top-1/.test(line))).toHaveLength(2);
  const { userDefinedMetadata } = JSON.parse(text(zipped["model.json"]));
  expect(userDefinedMetadata.brecq_lab).toMatchObject({ recipe: { method: artifact.recipe.method }, fingerprint: artifact.report.fingerprint });
});

describe("the worker's export", () => {
  const rounding = () => artifact.report.fingerprint.rounding;

  test("several files come as one zip, one as itself", async () => {
    const { saved: zip } = await exportFile({ kind: "export", as: "safetensors", rounding: rounding(), onnxContainer: "int8" }, artifact, null);
    expect(zip.name).toBe("shapes-resnet14-quantized.safetensors.zip");
    expect(Object.keys(unzipSync(zip.bytes))).toEqual(["shapes-resnet14-quantized.safetensors", "shapes-resnet14-quantized.safetensors.json"]);
    const { saved: page } = await exportFile({ kind: "export", as: "html", rounding: rounding(), onnxContainer: "int8" }, artifact, null);
    expect([page.name, page.type]).toEqual(["shapes-resnet14-quantized.html", "text/html"]);
  });

  test("a network that is no longer there is told, not replaced by another", async () => {
    await expect(exportFile({ kind: "export", as: "html", rounding: rounding(), onnxContainer: "int8" }, null, null)).rejects.toThrow(
      /no longer in memory/,
    );
    await expect(exportFile({ kind: "export", as: "html", rounding: "0", onnxContainer: "int8" }, artifact, null)).rejects.toThrow(
      /no longer in memory/,
    );
  });
});
