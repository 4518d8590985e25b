/** A network and images from the web through the page: a host is named before it is asked, and not needed a second time. */
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { encode } from "fast-png";
import { zipSync } from "fflate";
import { demoRecipe } from "../src/session/recipe/defaults";
import { writeLink } from "../src/session/share/link";
import { sharedRecipe } from "../src/session/share/shared";
import { type FakeHub, startHub } from "../tests/support/hub";
import { imageParquet } from "../tests/support/parquet";
import { alerts, openLab, openSection, runToEnd, setEffort, status } from "./support";

const model = new Uint8Array(readFileSync("public/demo/shapes-mobilenet.onnx"));

let hub: FakeHub;
test.beforeEach(async () => {
  hub = await startHub();
});
test.afterEach(() => hub.stop());

async function fromWeb(page: Page, field: string) {
  await openSection(page, "Network and data");
  const button = page.getByRole("button", { name: `From the web: ${field}` });
  if ((await button.getAttribute("aria-expanded")) === "false") await button.click();
  return page.getByRole("group", { name: `${field} from the web` });
}

/** Answers for the hub's own name, which no test asks. */
async function routeHub(page: Page): Promise<void> {
  await page.route("https://huggingface.co/**", async (route) => {
    const { pathname, search } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: `${hub.url}${pathname}${search}` }) });
  });
}

/** Forty labelled pictures, so that runs are short. */
const pictures = {
  name: "pictures.zip",
  mimeType: "application/zip",
  buffer: Buffer.from(
    zipSync(
      Object.fromEntries(
        Array.from({ length: 40 }, (_, i) => [
          `${i % 10}/${i}.png`,
          encode({ width: 32, height: 32, channels: 3, data: new Uint8Array(3072).fill(6 * i) }),
        ]),
      ),
    ),
  ),
};

async function runNearest(page: Page): Promise<void> {
  for (const role of ["calibration", "evaluation"]) await page.locator(`input[data-role=${role}]`).setInputFiles(pictures);
  await page.getByLabel("Method", { exact: true }).selectOption("nearest");
  await runToEnd(page);
}

/** Types a URL and lets its host be asked. */
async function fetchUrl(page: Page, url: string): Promise<void> {
  const web = await fromWeb(page, "Network");
  await web.getByLabel("Network: Hugging Face id or URL").fill(url);
  await web.getByRole("button", { name: "Look up" }).click();
  await web.getByRole("button", { name: `Ask ${new URL(url).host}` }).click();
}

/** Waits until the lab has the network: in its header, for the panel names the file before it is there. */
async function expectNetwork(page: Page, name: string): Promise<void> {
  await expect(page.getByRole("banner").getByRole("button", { name: `Network: ${name.replace(/\.onnx$/, "")} ` })).toBeVisible();
  await expect(status(page)).toHaveAttribute("data-state", "ready");
}

test("a URL: its host is named before it is asked; a link offers the very file by one click, and the run is reproduced", async ({ page }) => {
  hub.plain["net.onnx"] = { body: model };
  const host = new URL(hub.url).host;
  await openLab(page);
  const web = await fromWeb(page, "Network");
  await web.getByLabel("Network: Hugging Face id or URL").fill(`${hub.url}/plain/net.onnx`);
  await web.getByRole("button", { name: "Look up" }).click();
  await expect(web.getByText(`This will ask ${host} for`)).toBeVisible();
  expect(hub.log).toEqual([]);
  await web.getByRole("button", { name: `Ask ${host}` }).click();
  await expectNetwork(page, "net.onnx");
  expect(hub.log.map(({ line }) => line)).toEqual(["GET /plain/net.onnx"]);
  await runNearest(page);
  await page.getByRole("banner").getByRole("button", { name: "Share" }).click();
  const link = await page.getByTestId("link").inputValue();

  await page.goto("about:blank");
  await page.goto(link);
  const offer = page.getByRole("button", { name: `Fetch net.onnx from ${host}` });
  await offer.click();
  await expect(offer).toHaveCount(0);
  for (const role of ["calibration", "evaluation"]) await page.locator(`input[data-role=${role}]`).setInputFiles(pictures);
  await runToEnd(page);
  await expect(page.locator("[data-outcome]")).toHaveAttribute("data-outcome", "reproduced");
  // Kept with the hash that the link names: nobody was asked.
  expect(hub.log).toHaveLength(1);

  // Deleted, it is fetched again, and refused where it is another file by now.
  await (await fromWeb(page, "Network")).getByRole("button", { name: "Delete net.onnx" }).click();
  await expect(page.getByText("Fetched before")).toHaveCount(0);
  await page.goto("about:blank");
  await page.goto(link);
  hub.plain["net.onnx"] = { body: new Uint8Array(readFileSync("public/demo/shapes-regnet.onnx")) };
  await offer.click();
  await expect(alerts(page).first()).toContainText("it is not the file that the recipe was made with");
  hub.plain["net.onnx"] = { body: model };
  await offer.click();
  await expect(offer).toHaveCount(0);
  await expect.poll(() => hub.log.length).toBe(3);
});

test("a link whose address is not to be asked says so, and the page stays", async ({ page }) => {
  const recipe = { ...demoRecipe(), model: { kind: "file", name: "net.onnx", sha256: null, from: "http://example.com/net.onnx" } } as const;
  const { hash } = new URL(writeLink("http://localhost/", sharedRecipe(recipe, 1), null));
  await openLab(page, hash);
  await expect(alerts(page).first()).toContainText("http://example.com is not asked: files are fetched by https only");
  await expect(page.getByRole("button", { name: /^Fetch net/ })).toHaveCount(0);
  await expect(status(page)).toHaveAttribute("data-state", "idle");
});

test("what was fetched before is there without its host", async ({ page }) => {
  hub.plain["net.onnx"] = { body: model };
  const url = `${hub.url}/plain/net.onnx`;
  await openLab(page);
  await fetchUrl(page, url);
  await expectNetwork(page, "net.onnx");
  await hub.stop();
  await openLab(page);
  await (await fromWeb(page, "Network")).getByRole("button", { name: "net.onnx", exact: true }).click();
  await expectNetwork(page, "net.onnx");
  await openLab(page);
  await fetchUrl(page, url);
  await expectNetwork(page, "net.onnx");
  await expect(page.getByText(/could not be reached; net\.onnx is taken as it was fetched on/)).toBeVisible();
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
  await expect(page.locator("[data-role=model]").getByText("net/onnx/model.onnx").first()).toBeVisible();
  await expect(status(page)).toHaveAttribute("data-state", "ready");

  const images = await fromWeb(page, "Calibration images");
  await images.getByLabel("Calibration images: Hugging Face id or URL").fill("o/pets");
  await images.getByRole("button", { name: "Look up" }).click();
  await images.getByLabel("Images fetched", { exact: true }).fill("64");
  await images.getByRole("button", { name: "Ask huggingface.co" }).click();
  await images.getByRole("button", { name: "plain/train" }).click();
  await expect(page.getByText("pets/plain/train[:64]").first()).toBeVisible();
  await page.locator("input[data-role=evaluation]").setInputFiles(pictures);
  await page.getByLabel("Method", { exact: true }).selectOption("nearest");
  await runToEnd(page);
});

test("a redirect to another host is followed; a download that stalls can be stopped and leaves nothing", async ({ page }) => {
  hub.repositories["o/net"] = { files: { "model.onnx": model } };
  Object.assign(hub, { cutAfter: 100_000, stall: true });
  await openLab(page);
  const web = await fromWeb(page, "Network");
  const ask = () => fetchUrl(page, `${hub.url}/o/net/resolve/main/model.onnx`);
  await ask();
  await expect(web.getByText(/model\.onnx: [\d.]+\skB of \d+\skB/)).toBeVisible();
  await web.getByRole("button", { name: "Stop fetching" }).click();
  await expect(web.getByRole("button", { name: "Stop fetching" })).toHaveCount(0);
  await expect(web.getByRole("alert")).toHaveCount(0);
  const kept = () => page.evaluate(async () => (await (await caches.open("brecq-lab-web")).keys()).length);
  await expect.poll(kept).toBe(0);
  Object.assign(hub, { cutAfter: null, stall: false });
  await ask();
  await expect(page.locator("[data-role=model]").getByText("model.onnx").first()).toBeVisible();
  expect(hub.log.filter(({ line }) => line.startsWith("GET /lfs/"))).toHaveLength(2);
  await expect.poll(kept).toBe(2);
});

/** A modern network as PyTorch exports it, with squeeze-and-excitation and hard-swish, on images of 64x64. */
const modern = new Uint8Array(readFileSync("tests/formats/corpus/mobilenet-v3-small.onnx"));
const photos = {
  name: "photos.zip",
  mimeType: "application/zip",
  buffer: Buffer.from(
    zipSync(
      Object.fromEntries(
        Array.from({ length: 40 }, (_, i) => [
          `${i}.png`,
          encode({ width: 64, height: 64, channels: 3, data: Uint8Array.from({ length: 12288 }, (_, k) => (k * (i + 3) + (k >> 6) * i) % 256) }),
        ]),
      ),
    ),
  ),
};

for (const from of ["a hub id", "a URL"])
  test(`${from}, from the network to proved files: quantized with unlabelled pictures, exported, run by onnxruntime and TensorFlow.js`, async ({
    page,
  }) => {
    await openLab(page);
    if (from === "a URL") {
      hub.plain["net.onnx"] = { body: modern };
      await fetchUrl(page, `${hub.url}/plain/net.onnx`);
    } else {
      await routeHub(page);
      hub.repositories["timm/net"] = { files: { "model.onnx": modern } };
      const web = await fromWeb(page, "Network");
      await web.getByLabel("Network: Hugging Face id or URL").fill("timm/net");
      await web.getByRole("button", { name: "Look up" }).click();
      await web.getByRole("button", { name: "Ask huggingface.co" }).click();
    }
    await page.locator("input[data-role=calibration]").setInputFiles(photos);
    await page.getByRole("button", { name: "I have none: judge on the calibration images" }).first().click();
    await expect(status(page)).toHaveAttribute("data-state", "ready");
    await setEffort(page, 20, 0.3);
    await runToEnd(page);
    for (const [kind, runtime] of [
      ["onnx", "onnxruntime-web"],
      ["tfjs", "TensorFlow.js"],
    ]) {
      await page.getByRole("tab", { name: "Take it with you" }).click();
      await Promise.all([page.waitForEvent("download"), page.getByTestId(`export-${kind}`).click()]);
      const proof = page.getByTestId("proof").filter({ hasText: runtime as string });
      await expect(proof).toContainText("on 40 images: every image has the same top-1", { timeout: 120_000 });
      await expect(proof).toHaveAttribute("data-passed", "true");
    }
  });
