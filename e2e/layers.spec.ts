/** A first look as soon as a network is there, in words, as a table and in colours; then layers in float and at widths of one's own. */
import { expect, test } from "@playwright/test";
import { cli, openLab, runToEnd, setEffort, taken } from "./support";

test("the weights are looked at before anything runs, and a layer is kept in float", async ({ page }) => {
  await openLab(page);
  await page.getByLabel("Demo").selectOption("shapes-mobilenet-bn");
  const network = page.getByRole("region", { name: "Network" });
  const look = network.getByRole("region", { name: "First look" });
  await expect(look).toContainText(/At 4 bit \S+ loses most, [\d.]+ % of its weights' energy; the median layer loses [\d.]+ %/);
  await expect(look).toContainText(/Depthwise layers lose [\d.]+ % at 4 bit in the median, the others [\d.]+ %/);
  await look.getByText("Rounding noise, ranges and outlier channels of each layer").click();
  const row = look.getByRole("row", { name: /^blocks\.0\/depthwise\.0/ });
  await expect(row).toContainText(/[\d.]+ to [\d.]+/);
  await expect(look.getByRole("row")).toHaveCount(22);

  const layer = network.getByTitle(/^blocks\.0\/depthwise\.0:/);
  await expect(layer).not.toContainText("dB");
  await network.getByLabel("Colours").selectOption("2");
  await expect(layer).toContainText(/\d+\.\d dB/);
  await expect(layer).toHaveCSS("background-color", /rgb/);
  await network.getByLabel("Colours").selectOption("widths");

  await row.getByRole("button").click();
  const details = page.getByRole("region", { name: "Layer blocks.0/depthwise.0" });
  await details.getByLabel("Width of this layer").selectOption("float");
  await expect(details).toContainText("Weights at float");
  await expect(layer).toContainText("float");
  const list = page.getByTestId("overrides");
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await list.getByLabel("Layers", { exact: true }).fill("*project*");
  await list.getByLabel("Their width").selectOption("3");
  await list.getByRole("button", { name: "Add" }).click();
  await expect(network.getByTitle(/^blocks\.0\/project\.0:/)).toContainText("3 bit");
  expect((await taken(page, network, "CSV")).toString()).toMatch(/depthwise[^\n]*,32,\n/);

  await setEffort(page, 8, 0.5);
  await runToEnd(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export-encodings").click()]);
  expect(download.suggestedFilename()).toContain("encodings");
  const units = page.getByRole("region", { name: "Reconstruction" }).getByRole("table");
  await expect(units).toContainText("float");
  await expect(units.getByRole("row", { name: /^blocks\.0/ })).toContainText(/2, float, 3/);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const link = await page.getByTestId("link").inputValue();

  await page.goto(link);
  await page.reload();
  await expect(page.getByRole("region", { name: "Network" }).getByTitle(/^blocks\.0\/depthwise\.0:/)).toContainText("float");
  await page.getByTestId("overrides").getByRole("button", { name: "Remove" }).first().click();
  await expect(page.getByRole("region", { name: "Network" }).getByTitle(/^blocks\.0\/depthwise\.0:/)).toContainText("2 bit");

  // A pattern that fits nothing is told at once.
  await page.getByTestId("overrides").getByLabel("Layers", { exact: true }).fill("blocks.9/*");
  await page.getByTestId("overrides").getByRole("button", { name: "Add" }).click();
  await expect(page.getByRole("alert")).toContainText('to the layers "blocks.9/*", but no layer of shapes-mobilenet-bn');
});

test("the command line looks, and takes widths by pattern", async () => {
  const look = await cli("inspect", "public/demo/shapes-mobilenet-bn.onnx", "--scale", "max");
  expect(look.stdout).toMatch(/layer +8 bit, dB +4 bit, dB[\s\S]*blocks\.5\/depthwise\.0 .* 2 of 256[\s\S]*At 4 bit \S+ loses most/);
  const json = JSON.parse((await cli("inspect", "public/demo/shapes-mobilenet-bn.onnx", "--json")).stdout);
  expect(json.firstLook.layers[0]).toMatchObject({ kind: "conv", channels: 16, outliers: [] });
  expect((await cli("inspect", "public/demo/shapes-mobilenet-bn.onnx", "--scale", "best")).stderr).toMatch(
    /--scale best is unknown; choose mse, max/,
  );

  const out = test.info().outputPath("report.json");
  const few = ["--demo", "shapes-mobilenet-bn", "--iterations", "3", "--device", "wasm", "--out", out];
  const { code, stderr } = await cli("quantize", ...few, "--layer", "*depthwise*=float", "--layer", "fc=6");
  expect([code, stderr.includes("Error")]).toEqual([0, false]);
  const wrong = await cli("quantize", ...few, "--layer", "blocks.0/depth=3");
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/"blocks\.0\/depth", but no layer .*; names near to it are blocks\.0\/\w+/)]);
  expect((await cli("quantize", ...few, "--layer", "fc=9")).stderr).toMatch(/--layer fc=9 is not PATTERN=BITS; expected/);
});
