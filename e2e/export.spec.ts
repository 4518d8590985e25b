/** A quantized network leaves the page: every kind of export as a file, and no other network in its place. */
import { readFileSync } from "node:fs";
import { type Download, expect, test } from "@playwright/test";
import { unzipSync } from "fflate";
import { openRecipe, runToEnd, SHORT, status } from "./support";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

test("after a run the network is saved in every form", async ({ page, context }) => {
  await openRecipe(page, { ...SHORT, iterations: 10 });
  await expect(page.getByRole("tab", { name: "Take it with you" })).toHaveCount(0);
  await runToEnd(page);
  await page.getByRole("tab", { name: "Take it with you" }).click();
  const taken = async (kind: string): Promise<{ download: Download; bytes: Uint8Array }> => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(`export-${kind}`).click()]);
    return { download, bytes: new Uint8Array(readFileSync(await download.path())) };
  };

  const packed = await taken("safetensors");
  expect(packed.download.suggestedFilename()).toBe("shapes-resnet14-quantized.safetensors.zip");
  const files = unzipSync(packed.bytes);
  const config = JSON.parse(text(files["shapes-resnet14-quantized.safetensors.json"]));
  expect(config.layers.map(({ bits }: { bits: number }) => bits).slice(0, 3)).toEqual([8, 2, 2]);
  expect(files["shapes-resnet14-quantized.safetensors"]?.length).toBeLessThan(100_000);

  const encodings = await taken("encodings");
  expect(JSON.parse(text(encodings.bytes))).toMatchObject({ version: "2.0.0" });
  expect(Object.keys(unzipSync((await taken("nodes")).bytes)).sort()[0]).toBe("shapes-resnet14-quantized.bits.nodes.json");

  const report = await taken("html");
  const requests: string[] = [];
  const other = await context.newPage();
  other.on("request", (request) => requests.push(request.url()));
  await other.setContent(text(report.bytes));
  await expect(other.getByRole("heading", { level: 1 })).toContainText("shapes-resnet14, BRECQ at W2, 8");
  expect(await other.locator("svg").count()).toBe(3);
  expect(requests).toEqual([]);
  await expect(status(page)).toHaveAttribute("data-state", "done");
});

test("the ONNX file is run by onnxruntime beside the button, from the page's own files", async ({ page }) => {
  const hosts = new Set<string>();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await openRecipe(page, { ...SHORT, iterations: 10 });
  await runToEnd(page);
  await page.getByRole("tab", { name: "Take it with you" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export-onnx").click()]);
  expect(download.suggestedFilename()).toBe("shapes-resnet14-quantized.onnx");
  const proof = page.getByTestId("proof");
  await expect(proof).toContainText("Proved with onnxruntime-web on 512 images: every image has the same top-1", { timeout: 120_000 });
  await expect(proof).toContainText(/Accuracy: [\d.]+ %, in the lab [\d.]+ %.*Size: [\d.]+ kB, in float 7\d\d\.\d kB.*ms an image/);
  const sizeOf = async () => Number(/Size: ([\d.]+) kB/.exec((await proof.textContent()) ?? "")?.[1]);
  const usual = await sizeOf();
  await page.getByLabel("Weights stored as").selectOption("int4");
  await Promise.all([page.waitForEvent("download"), page.getByTestId("export-onnx").click()]);
  await expect.poll(sizeOf, { timeout: 120_000 }).toBeLessThan(0.7 * usual);
  await expect(proof).toContainText("Proved with onnxruntime-web on 512 images");
  await expect(status(page)).toHaveAttribute("data-state", "done");
  expect([...hosts].filter((host) => host !== new URL(page.url()).host && host !== "")).toEqual([]);
});

test("the TensorFlow.js model is run by TensorFlow.js beside the button, from the page's own files", async ({ page }) => {
  const hosts = new Set<string>();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  await openRecipe(page, { ...SHORT, iterations: 10 });
  await runToEnd(page);
  await page.getByRole("tab", { name: "Take it with you" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export-tfjs").click()]);
  expect(download.suggestedFilename()).toBe("shapes-resnet14-quantized.tfjs.zip");
  expect(Object.keys(unzipSync(new Uint8Array(readFileSync(await download.path())))).sort()).toEqual(["group1-shard1of1.bin", "model.json"]);
  const proof = page.getByTestId("proof");
  await expect(proof).toContainText(/Proved with TensorFlow\.js \(wasm\) on \d+ images: every image has the same top-1/, { timeout: 120_000 });
  await expect(proof).toContainText(/Accuracy: [\d.]+ %, in the lab [\d.]+ %.*Size: [\d.]+ kB, in float 7\d\d\.\d kB.*ms an image/);
  await expect(status(page)).toHaveAttribute("data-state", "done");
  expect([...hosts].filter((host) => host !== new URL(page.url()).host && host !== "")).toEqual([]);
});
