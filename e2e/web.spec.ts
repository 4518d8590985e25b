/** A network and images from the web through the page: a host is named before it is asked, and not needed a second time. */
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { type FakeHub, startHub } from "../tests/support/hub";
import { imageParquet } from "../tests/support/parquet";
import { openLab, runToEnd, setEffort, status } from "./support";

const model = new Uint8Array(readFileSync("public/demo/shapes-mobilenet.onnx"));

let hub: FakeHub;
test.beforeEach(async () => {
  hub = await startHub();
});
test.afterEach(() => hub.stop());

async function fromWeb(page: Page, field: string) {
  const own = page.locator(".file-field").filter({ has: page.getByText(field, { exact: true }) });
  if ((await own.getByRole("group").count()) === 0) await own.getByRole("button", { name: "or from the web" }).click();
  return page.getByRole("group", { name: `${field} from the web` });
}

/** Answers for the hub's own name, which no test asks. */
async function routeHub(page: Page): Promise<void> {
  await page.route("https://huggingface.co/**", async (route) => {
    const { pathname, search } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: `${hub.url}${pathname}${search}` }) });
  });
}

test("a URL: named before it is asked, run, shared with its address, fetched again by one click, kept without the host", async ({ page }) => {
  hub.plain["net.onnx"] = { body: model };
  const host = new URL(hub.url).host;
  await openLab(page);
  const web = await fromWeb(page, "Network");
  await web.getByLabel("Network: Hugging Face id or URL").fill(`${hub.url}/plain/net.onnx`);
  await web.getByRole("button", { name: "Look up" }).click();
  await expect(web.getByText(`This will ask ${host} for`)).toBeVisible();
  expect(hub.log).toEqual([]);
  await web.getByRole("button", { name: `Ask ${host}` }).click();
  await expect(page.locator(".drop", { hasText: "net.onnx" })).toBeVisible();
  await expect(status(page)).toHaveAttribute("data-state", "ready");
  expect(hub.log.map(({ line }) => line)).toEqual(["GET /plain/net.onnx"]);
  await page.getByRole("button", { name: "Use the built-in images all the same" }).click();
  await setEffort(page, 2, 0.5);
  await runToEnd(page);
  await page.getByRole("button", { name: "Share" }).click();
  const link = await page.getByTestId("link").inputValue();

  // What is kept is offered by the link, checked by its hash, and asks nobody; deleted, it is fetched anew.
  await page.goto("about:blank");
  await page.goto(link);
  const offer = page.getByRole("button", { name: `Fetch net.onnx from ${host}` });
  await offer.click();
  await expect(offer).toHaveCount(0);
  await runToEnd(page);
  await expect(page.getByTestId("reproduced")).toBeVisible();
  expect(hub.log).toHaveLength(1);
  await (await fromWeb(page, "Network")).getByRole("button", { name: "Delete net.onnx" }).click();
  await expect(page.getByText("Fetched before")).toHaveCount(0);

  await page.goto("about:blank");
  await page.goto(link);
  hub.plain["net.onnx"] = { body: new Uint8Array(readFileSync("public/demo/shapes-regnet.onnx")) };
  await offer.click();
  await expect(page.getByRole("alert")).toContainText("it is not the file that the recipe was made with");
  hub.plain["net.onnx"] = { body: model };
  await offer.click();
  await expect(offer).toHaveCount(0);
  expect(hub.log).toHaveLength(3);

  await hub.stop();
  await openLab(page);
  await (await fromWeb(page, "Network")).getByRole("button", { name: "net.onnx", exact: true }).click();
  await expect(page.locator(".drop", { hasText: "net.onnx" })).toBeVisible();
  await expect(status(page)).toHaveAttribute("data-state", "ready");
  hub = await startHub();
});

test("a hub id: its models to pick from, a data set's split as calibration images, and messages for what is not there", async ({ page }) => {
  await routeHub(page);
  hub.repositories["timm/net"] = { files: { "onnx/model.onnx": model, "onnx/model_fp16.onnx": new Uint8Array(10) } };
  hub.repositories["datasets/o/pets"] = {
    branches: ["main", "refs/convert/parquet"],
    files: {
      "plain/train/0000.parquet": imageParquet({ labels: Array.from({ length: 90 }, (_, i) => i % 10), rowGroup: 10, side: 32 }),
      "plain/test/0000.parquet": imageParquet({ labels: [1, 2] }),
    },
  };
  await openLab(page);
  const web = await fromWeb(page, "Network");
  const address = web.getByLabel("Network: Hugging Face id or URL");
  await address.fill("timm/none");
  await address.press("Enter");
  await web.getByRole("button", { name: "Ask huggingface.co" }).click();
  await expect(web.getByRole("alert")).toContainText(
    "huggingface.co does not give the model timm/none (401): it does not exist under this name, or is private",
  );
  await address.fill("http://example.com/a.onnx");
  await address.press("Enter");
  await expect(web.getByRole("alert")).toContainText("files are fetched by https only");

  await address.fill("timm/net");
  await address.press("Enter");
  await expect(web.getByRole("alert")).toHaveCount(0);
  await web.getByRole("button", { name: "Ask huggingface.co" }).click();
  const found = web.getByRole("list", { name: "What was found" });
  await expect(found.getByRole("listitem")).toHaveCount(2);
  await found.getByRole("button", { name: "onnx/model.onnx" }).click();
  await expect(page.locator(".drop", { hasText: "net/onnx/model.onnx" })).toBeVisible();
  await expect(status(page)).toHaveAttribute("data-state", "ready");

  const images = await fromWeb(page, "Calibration images");
  await images.getByLabel("Calibration images: Hugging Face id or URL").fill("o/pets");
  await images.getByRole("button", { name: "Look up" }).click();
  await images.getByLabel("Images", { exact: true }).fill("64");
  await images.getByRole("button", { name: "Ask huggingface.co" }).click();
  await images.getByRole("button", { name: "plain/train" }).click();
  await expect(page.locator(".drop", { hasText: "pets/plain/train[:64]" })).toBeVisible();
  await page.getByRole("button", { name: "Use the built-in images all the same" }).click();
  await setEffort(page, 2, 0.5);
  await runToEnd(page);
});
