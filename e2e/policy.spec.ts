/**
 * The content security policy that the built page carries, and that its servers send, stops nothing of the lab: page, session's worker and
 * compute threads go through runs, exports with their proofs and a network from the web without one violation.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { HEADERS } from "../src/app/host/policy";
import { demoRecipe } from "../src/session/recipe/defaults";
import { writeLink } from "../src/session/share/link";
import { sharedRecipe } from "../src/session/share/shared";
import { startHub } from "../tests/support/hub";
import { FEW, openLab, runToEnd, status } from "./support";

/** Tells each violation on the console, of the page and of its workers. */
const LISTEN = `addEventListener("securitypolicyviolation", (event) =>
  console.error("VIOLATION " + event.effectiveDirective + " " + event.blockedURI + " " + event.sourceFile + ":" + event.lineNumber));\n`;

async function violationsOf(page: Page): Promise<string[]> {
  const found: string[] = [];
  page.on("console", (message) => {
    if (/VIOLATION|Content Security Policy/.test(message.text())) found.push(message.text());
  });
  await page.addInitScript(LISTEN);
  await page.route("**/assets/*worker-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: LISTEN + (await response.text()) });
  });
  return found;
}

/** The demo with fewer steps and images. */
function shortLink(changes: object = {}): string {
  const recipe = { ...demoRecipe(), ...FEW, device: "wasm" as const, iterations: 10, learningRate: 0.3, ...changes };
  return writeLink("", sharedRecipe(recipe, 1), null);
}

test("the page carries the policy and its server sends it, to workers too", async ({ page }) => {
  const response = await page.goto("/");
  const headers = (await response?.allHeaders()) ?? {};
  for (const [name, value] of Object.entries(HEADERS)) expect(headers[name.toLowerCase()], name).toBe(value);
  const [before] = readFileSync("dist/page/index.html", "utf8").split(/<(script|link)/);
  expect(before?.replaceAll("&#39;", "'")).toContain(`http-equiv="Content-Security-Policy" content="${HEADERS["Content-Security-Policy"]}"`);
});

test("what the policy forbids is seen by this test, in the page and in a worker", async ({ page }) => {
  const violations = await violationsOf(page);
  await openLab(page);
  const done = await page.evaluate(() => {
    document.body.setAttribute("style", "color: red");
    const refused = (deed: () => void): string => {
      try {
        deed();
        return "done";
      } catch (error) {
        return error instanceof TypeError ? "refused" : String(error);
      }
    };
    const script = document.createElement("script");
    // Text becomes neither a script nor a document, and no worker starts from an address that nobody vouches for.
    const deeds = [
      () => Object.assign(script, { textContent: "globalThis.ran = true" }),
      () => Object.assign(document.body, { innerHTML: "<b>text</b>" }),
      () => void new Worker("assets/other.js"),
      () => void new DOMParser().parseFromString("<b/>", "text/html"),
    ];
    return deeds.map(refused);
  });
  expect(done).toEqual(["refused", "refused", "refused", "refused"]);
  for (const directive of ["style-src-attr", "require-trusted-types-for"])
    await expect.poll(() => violations.some((text) => text.includes(`VIOLATION ${directive}`)), directive).toBe(true);
  await expect.poll(() => page.workers().length).toBeGreaterThan(0);
  const [worker] = page.workers();
  const refused = await worker?.evaluate(() => {
    try {
      return String(new Worker(URL.createObjectURL(new Blob([""]))));
    } catch (error) {
      return (error as Error).name;
    }
  });
  expect(refused).toBe("TypeError");
});

test("a run on several threads, and every export with its proof, break no rule of it", async ({ page }) => {
  const violations = await violationsOf(page);
  // Those of a run end with it: they are counted as they start.
  const workers: string[] = [];
  page.on("worker", (worker) => workers.push(worker.url()));
  await openLab(page, shortLink());
  await runToEnd(page);
  await page.getByRole("tab", { name: "Take it with you" }).click();
  expect(workers.some((url) => url.includes("thread-worker"))).toBe(await page.evaluate(() => navigator.hardwareConcurrency > 1));
  for (const [kind, runtime] of [
    ["onnx", "onnxruntime-web"],
    ["tfjs", "TensorFlow.js"],
  ] as const) {
    await Promise.all([page.waitForEvent("download"), page.getByTestId(`export-${kind}`).click()]);
    await expect(page.getByTestId("proof").filter({ hasText: `Proved with ${runtime}` })).toBeVisible({ timeout: 120_000 });
  }
  await Promise.all([page.waitForEvent("download"), page.getByTestId("export-html").click()]);
  expect(violations).toEqual([]);
});

test("a network from the web is fetched and read under it", async ({ page }) => {
  const hub = await startHub();
  try {
    const body = new Uint8Array(readFileSync("public/demo/shapes-mobilenet.onnx"));
    hub.plain["net.onnx"] = { body };
    const violations = await violationsOf(page);
    const sha256 = createHash("sha256").update(body).digest("hex");
    const model = { kind: "file", name: "net.onnx", sha256, from: `${hub.url}/plain/net.onnx` };
    await openLab(page, shortLink({ model, method: "nearest" }));
    await page.getByRole("button", { name: "Fetch net.onnx from" }).click();
    await expect(status(page)).toHaveAttribute("data-state", "ready");
    expect(hub.log.map(({ line }) => line)).toEqual(["GET /plain/net.onnx"]);
    expect(violations).toEqual([]);
  } finally {
    await hub.stop();
  }
});
