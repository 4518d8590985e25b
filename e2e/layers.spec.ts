/** A first look as soon as a network is there, as a table and in colours; then layers in float and at widths of one's own. */
import { expect, test } from "@playwright/test";
import { alerts, cli, networkNode, openLab, openSection, runToEnd, setEffort } from "./support";

test("the weights are looked at before anything runs, and a layer is kept in float", async ({ page }) => {
  await openLab(page);
  await openSection(page, "Network and data");
  await page.getByLabel("Demo network").selectOption("shapes-mobilenet-bn");
  await expect(networkNode(page, "blocks.0")).toBeVisible();
  await page.getByRole("tab", { name: "First look at the weights" }).click();
  const look = page.getByRole("tabpanel");
  await expect(look.getByRole("row")).toHaveCount(22);
  const row = look.getByRole("row", { name: /^blocks\.0\/depthwise\.0/ });
  await expect(row).toContainText(/[\d.]+\s%-?[\d.]+ to [\d.]+/);

  const layer = page.locator('[data-node^="layer:"][aria-label^="blocks.0/depthwise.0"]');
  await page.getByLabel("Coloured by").selectOption("rounding");
  await expect(layer.locator("rect").last()).toHaveCSS("fill", /color|rgb|oklab/);
  await page.getByLabel("Coloured by").selectOption("bits");

  await row.getByRole("button").click();
  const details = page.getByRole("complementary", { name: "Selected block or layer" });
  await details.getByLabel("Width of this layer").selectOption("float");
  await expect(layer).toHaveAttribute("aria-label", /float/);
  await openSection(page, "Weights");
  const list = page.getByTestId("overrides");
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await list.getByRole("textbox").fill("*project*");
  await list.locator("select").last().selectOption("3");
  await list.getByRole("button", { name: "Add" }).click();
  await expect(page.locator('[data-node^="layer:"][aria-label^="blocks.0/project.0"]')).toHaveAttribute("aria-label", /3 bit/);

  await setEffort(page, 8, 0.5);
  await runToEnd(page);
  await page.getByRole("tab", { name: "Units" }).click();
  await expect(page.getByRole("tabpanel").getByRole("row", { name: /^blocks\.0/ })).toContainText(/2, float, 3/);
  await page.getByRole("banner").getByRole("button", { name: "Share" }).click();
  const link = await page.getByTestId("link").inputValue();

  await page.goto("about:blank");
  await page.goto(link);
  await expect(layer).toHaveAttribute("aria-label", /float/);
  await openSection(page, "Weights");
  await list
    .getByRole("button", { name: /^Remove/ })
    .first()
    .click();
  await expect(layer).toHaveAttribute("aria-label", /2 bit/);

  // A pattern that fits nothing is told at once.
  await list.getByRole("textbox").fill("blocks.9/*");
  await list.getByRole("button", { name: "Add" }).click();
  await expect(alerts(page).first()).toContainText('to the layers "blocks.9/*", but no layer of shapes-mobilenet-bn');
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
