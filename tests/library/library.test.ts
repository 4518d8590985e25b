/** The library in Node: what its functions take and give, held against what the command line's parts give. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { drawShapes } from "../../src/data/procedural";
import {
  builtinImages,
  builtinNetwork,
  exportAs,
  exportOnnx,
  fit as fitTo,
  parseRecipe,
  predict,
  prove,
  quantize,
  type RunEvent,
  readImages,
  readNetwork,
  search,
} from "../../src/library/node";
import { relativeError } from "../support/numbers";

const MOBILENET = fileURLToPath(new URL("../../public/demo/shapes-mobilenet.onnx", import.meta.url));
const preprocessing = { mean: [0.5], std: [0.25] } as const;
const common = { preprocessing, device: "wasm", threads: 2 } as const;
const images = builtinImages("calibration", 32);
const tests = builtinImages("test", 100);

test("a network by path, by bytes and built in is the same network", async () => {
  const bytes = new Uint8Array(readFileSync(MOBILENET));
  const networks = [
    await readNetwork(MOBILENET),
    await readNetwork(bytes),
    await readNetwork({ path: "a/b.onnx", bytes }),
    await builtinNetwork("shapes-mobilenet"),
  ];
  for (const { input, outputs, view } of networks) {
    expect([input, outputs]).toEqual([[32, 32, 3], [{ name: "logits", shape: [10] }]]);
    expect(view("layer").units.length).toBeGreaterThan(view("stage").units.length);
  }
  expect(networks.map(({ name }) => name)).toEqual(["shapes-mobilenet.onnx", "network.onnx", "a/b.onnx", "shapes-mobilenet.onnx"]);
  const scores = await Promise.all(networks.map((network) => predict(network, tests, common)));
  for (const [output] of scores) expect(output).toEqual(scores[0]?.[0]);
  expect(scores[0]?.[0]?.shape).toEqual([100, 10]);
});

test("images are files, or arrays of pixels or of what the network takes", async () => {
  const network = await readNetwork(MOBILENET);
  const { pixels, labels, count } = drawShapes("test", 20, 0);
  const fromPixels = await readImages({ shape: [count, 32, 32, 3], data: pixels as Uint8Array, labels: labels as Int32Array, name: "mine" });
  expect(fromPixels.name).toBe("mine");
  const expected = await predict(network, builtinImages("test", 20), common);
  expect(await predict(network, fromPixels, common)).toEqual(expected);
  const floats = Float32Array.from(pixels, (pixel) => Math.fround(Math.fround(Math.fround(pixel / 255) - 0.5) / 0.25));
  const [output] = await predict(network, await readImages({ shape: [count, 32, 32, 3], data: floats }), { device: "wasm", threads: 2 });
  expect(relativeError(output?.data ?? [], expected[0]?.data ?? [])).toBeLessThan(1e-6);
  await expect(readImages({ shape: [2, 32, 32, 3], data: floats })).rejects.toThrow(/Images array of shape \[2, 32, 32, 3\] need 6144 numbers/);
  await expect(readImages(join(tmpdir(), "no-such-folder"))).rejects.toThrow(/does not exist/);
});

test("a quantization is the recipe's run: events, report, files that prove themselves, scores", { timeout: 300_000 }, async () => {
  const network = await builtinNetwork();
  const events: RunEvent[] = [];
  const settings = {
    ...common,
    weights: { bits: 4, symmetric: true },
    activations: { bits: 8, scale: "max", learn: false },
    iterations: 4,
    seed: 3,
  } as const;
  const quantized = await quantize({ network, calibration: images, evaluation: tests, ...settings, onEvent: (event) => void events.push(event) });
  const { report } = quantized;
  expect(report.recipe).toMatchObject({
    method: "brecq",
    iterations: 4,
    learningRate: 0.3,
    seed: 3,
    weights: { bits: 4, symmetric: true, scale: "mse" },
  });
  expect(report.recipe.activations).toMatchObject({ bits: 8, scale: "max", learn: false });
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set(["state", "device", "recipe", "progress", "accuracy", "losses", "unitDone", ...(report.warnings.length ? ["warning"] : [])]),
  );

  const again = await quantize({ network, calibration: images, evaluation: tests, recipe: JSON.parse(JSON.stringify(report)) });
  expect(again.report.fingerprint).toEqual(report.fingerprint);

  const files = await exportAs(quantized, "onnx", { onnxContainer: "int4" });
  const bytes = await exportOnnx(quantized, { onnxContainer: "int4" });
  expect(files[0]?.bytes).toEqual(bytes);
  const proof = await prove(quantized, "onnx", files);
  expect(proof).toMatchObject({ passed: true, images: 100 });
  expect(proof.verdict).toMatch(/^Proved with onnxruntime-node on 100 images/);
  const other = await quantize({ network, calibration: images, evaluation: tests, ...common, method: "nearest", weights: { bits: 2 } });
  expect((await prove(quantized, "onnx", await exportAs(other, "onnx"))).passed).toBe(false);

  const [scores] = await predict(quantized, tests);
  const right = Array.from({ length: 100 }, (_, i) => {
    const row = [...(scores?.data.subarray(10 * i, 10 * i + 10) ?? [])];
    return row.indexOf(Math.max(...row)) === drawShapes("test", 100, 0).labels?.[i];
  }).filter(Boolean).length;
  expect(right).toBe(report.accuracy.quantized.top1);
  const folder = mkdtempSync(join(tmpdir(), "brecq-library-"));
  writeFileSync(join(folder, "q.onnx"), bytes);
  const [read] = await predict(await readNetwork(join(folder, "q.onnx")), tests, common);
  expect(relativeError(read?.data ?? [], scores?.data ?? [])).toBeLessThan(1e-3);
  expect((await exportAs(quantized, "safetensors", { name: "mine" })).map(({ name }) => name)).toEqual(["mine.safetensors", "mine.safetensors.json"]);
});

test("a search gives recipes that quantize", async () => {
  const network = await builtinNetwork();
  const asked = { network, calibration: images, evaluation: tests, ...common, method: "nearest", measure: "nearest" } as const;
  const { results, table } = await search({ ...asked, limits: ["size=3bit", "size=5bit"], genetic: { generations: 5 } });
  expect(results.map(({ limit }) => limit.text)).toEqual(["size=3bit", "size=5bit"]);
  const [found] = results;
  const again = await search({ ...asked, limits: ["size=3bit"], genetic: { generations: 5 }, table });
  expect(again.results[0]?.assignment).toEqual(found?.assignment);
  const { report } = await quantize({ network, calibration: images, evaluation: tests, recipe: found?.recipe });
  expect(report.recipe.weights.assignment).toEqual(Object.fromEntries(found?.assignment.map(({ layer, bits }) => [layer, bits]) ?? []));
});

test("a fit gives a network that keeps its size, with what was tried and a sentence", async () => {
  const network = await builtinNetwork();
  const asked = { network, calibration: images, evaluation: tests, ...common, method: "nearest", weights: { scale: "max" } } as const;
  const events: RunEvent[] = [];
  const fitted = await fitTo({ ...asked, goal: { size: "60kB" }, bits: [2, 4], tries: 2, onEvent: (event) => events.push(event) });
  expect(fitted.verdict).toMatchObject({ kind: "met", goal: { kind: "size", bytes: 60000 } });
  expect(fitted.report.size?.quantized).toBeLessThanOrEqual(60000);
  expect(fitted.sentence).toMatch(/^Goal met: at most 60\.0 kB\. 0\.70 MB to /);
  expect(fitted.tried.filter(({ measured }) => measured !== null)).toHaveLength(fitted.verdict.tried);
  expect(events.findLast(({ type }) => type === "fit")).toMatchObject({ fit: { stage: "done", verdict: fitted.verdict } });
  // It is the best that is handed over, also where it was not tried last: predictions have the accuracy of the report.
  const [scores] = await predict(fitted, tests);
  const labels = drawShapes("test", 100, 0).labels;
  const right = Array.from({ length: 100 }, (_, i) => {
    const row = [...(scores?.data.subarray(10 * i, 10 * i + 10) ?? [])];
    return row.indexOf(Math.max(...row)) === labels?.[i];
  });
  expect(right.filter(Boolean)).toHaveLength(fitted.report.accuracy.quantized.top1 as number);
  const { report } = await quantize({ network, calibration: images, evaluation: tests, recipe: fitted.report.recipe });
  expect(report.fingerprint).toEqual(fitted.report.fingerprint);
  await expect(fitTo({ ...asked, goal: { size: 1000 } })).rejects.toThrow(/does not fit in 1\.0 kB/);
  await expect(fitTo({ ...asked, goal: { size: "small" } })).rejects.toThrow(/^Invalid limit "size=small"/);
  await expect(fitTo({ ...asked, goal: { lose: -1 } })).rejects.toThrow(/^A loss of -1 points is no goal/);
});

test("what is wrong is said in words, and a signal stops", async () => {
  const network = await builtinNetwork();
  const asked = { network, calibration: images, evaluation: tests, ...common };
  await expect(quantize({ ...asked, weights: { bits: 1 } })).rejects.toThrow(/^The options: weights\.bits is not valid/);
  await expect(quantize({ ...asked, preset: "slow" as never })).rejects.toThrow(/^The preset "slow" is unknown; choose published,/);
  await expect(quantize({ ...asked, preprocessing: "best" as never })).rejects.toThrow(/^The preprocessing "best" is unknown; choose torchvision,/);
  await expect(quantize({ ...asked, speed: 3 } as never)).rejects.toThrow(/^The options: .*speed/);
  await expect(quantize({ ...asked, network: {} as never })).rejects.toThrow(/^Expected what readNetwork or builtinNetwork returns; found object/);
  await expect(readNetwork([])).rejects.toThrow(/No file was given/);
  await expect(readNetwork({ path: "x.onnx", bytes: "text" as never })).rejects.toThrow(/A file is given as \{ path, bytes \}/);
  expect(() => parseRecipe({}, "mine")).toThrow(/^mine/);
  const controller = new AbortController();
  const stopped = quantize({ ...asked, signal: controller.signal, onEvent: ({ type }) => type === "losses" && controller.abort() });
  await expect(stopped).rejects.toThrow("The run was cancelled.");
});
