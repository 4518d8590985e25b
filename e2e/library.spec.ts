/** The library's bundle for browsers (npm run build:package makes it), as a page without any bundler imports it. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import type * as Library from "../src/library/library";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const TYPES: Readonly<Record<string, string>> = { ".mjs": "text/javascript", ".onnx": "application/octet-stream" };

let server: Server;
let origin: string;
test.beforeAll(async () => {
  server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const served = /^\/(dist\/browser|public)\//.test(path) && (await stat(join(ROOT, path)).catch(() => null));
    response.writeHead(served || path === "/" ? 200 : 404, { "content-type": TYPES[/\.\w+$/.exec(path)?.[0] ?? ""] ?? "text/html" });
    if (served) createReadStream(join(ROOT, path)).pipe(response);
    else response.end("<!doctype html><title>library</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.afterAll(() => server.close());

test("a page imports the library, quantizes, predicts, exports, and is told which package a proof needs", async ({ page }) => {
  await page.goto(origin);
  const result = await page.evaluate(async () => {
    const path = "/dist/browser/library.mjs";
    const lab: typeof Library = await import(path);
    const network = await lab.builtinNetwork("shapes-resnet14");
    const calibration = lab.builtinImages("calibration", 32);
    const evaluation = lab.builtinImages("test", 100);
    const preprocessing = { mean: [0.5], std: [0.25] };
    const quantized = await lab.quantize({
      network,
      calibration,
      evaluation,
      preprocessing,
      method: "nearest",
      weights: { bits: 8 },
      device: "wasm",
    });
    const [scores] = await lab.predict(quantized, evaluation, { device: "wasm" });
    const files = await lab.exportAs(quantized, "onnx");
    const told = (error: unknown) => (error instanceof lab.BadInput ? error.message : `no BadInput: ${error}`);
    return {
      top1: quantized.report.accuracy.quantized.top1,
      shape: scores?.shape,
      bytes: files[0]?.bytes.length ?? 0,
      proof: await lab.prove(quantized, "onnx", files).then(String, told),
      path: await lab.readNetwork("model.onnx").then(String, told),
    };
  });
  expect(result.top1).toBeGreaterThan(85);
  expect(result.shape).toEqual([100, 10]);
  expect(result.bytes).toBeGreaterThan(10_000);
  expect(result.proof).toContain("npm install onnxruntime-web");
  expect(result.path).toContain('"model.onnx" is no address; in a browser give hub:OWNER/NAME');
});
