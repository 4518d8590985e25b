/** Nothing leaves the machine: with a person's own files not one request goes to another origin, before, during or after a run, from page or worker. */
import { expect, type Page, test } from "@playwright/test";
import { encode } from "fast-png";
import { zipSync } from "fflate";
import { drawShapes } from "../src/data/procedural";
import { onnxBytes } from "../tests/support/onnx/file";
import { resnet } from "../tests/support/onnx/networks";
import { fileInput, networkNode, openLab, runToEnd, setEffort } from "./support";

/** Forty images in folders of the ten classes that the network has. */
function album(): Buffer {
  const { pixels, height, width, channels } = drawShapes("calibration", 40, 0);
  const size = height * width * channels;
  const files = Array.from({ length: 40 }, (_, i) => {
    const picture = encode({ width, height, channels, data: Uint8Array.from(pixels.subarray(i * size, (i + 1) * size)) });
    return [`images/class${i % 10}/${i}.png`, picture] as const;
  });
  return Buffer.from(zipSync(Object.fromEntries(files)));
}

function recorded(page: Page): string[] {
  const asked: string[] = [];
  page.context().on("request", (request) => asked.push(request.url()));
  page.on("websocket", (socket) => asked.push(socket.url()));
  return asked;
}

test("with local files no request leaves the origin, from the first to the exports and the views after it", async ({ page, baseURL }) => {
  const asked = recorded(page);
  await openLab(page);
  const model = Buffer.from(onnxBytes(resnet({ block: "basic", extent: 32 })));
  await fileInput(page, "model").setInputFiles({ name: "own.onnx", mimeType: "application/octet-stream", buffer: model });
  await expect(networkNode(page, "layer1.0")).toBeVisible();
  for (const role of ["calibration", "evaluation"] as const)
    await fileInput(page, role).setInputFiles({ name: "own.zip", mimeType: "application/zip", buffer: album() });
  await setEffort(page, 20, 0.5);
  await runToEnd(page);
  for (const kind of ["onnx", "html"]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(`export-${kind}`).click()]);
    expect(await download.failure()).toBeNull();
  }
  for (const view of ["Compare", "Mixed precision", "Inspect", "Learn"]) {
    await page.getByRole("link", { name: view }).click();
    await page.waitForTimeout(500);
  }
  await page.waitForTimeout(2000);
  const outside = asked.filter((url) => !/^(blob|data):/.test(url) && new URL(url).origin !== new URL(baseURL ?? "").origin);
  expect(outside).toEqual([]);
  // Files themselves are in no request either: all were for the lab's own.
  expect(asked.length).toBeGreaterThan(5);
});

test("a request to another host would be seen by this test, from page and worker", async ({ page }) => {
  const asked = recorded(page);
  await openLab(page);
  await expect.poll(() => page.workers().length).toBeGreaterThan(0);
  const ask = (url: string) =>
    fetch(url)
      .catch(() => null)
      .then(() => undefined);
  await page.evaluate(ask, "https://page.invalid/");
  await page.workers()[0]?.evaluate(ask, "https://worker.invalid/");
  await expect.poll(() => asked.filter((url) => url.includes(".invalid")).sort()).toEqual(["https://page.invalid/", "https://worker.invalid/"]);
});
