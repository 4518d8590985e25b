import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { demoRecipe } from "../src/session/recipe/defaults";
import type { Recipe } from "../src/session/recipe/recipe";
import { parseRecipe } from "../src/session/recipe/schema";
import { ARITHMETIC_VERSION } from "../src/session/share/arithmetic";
import { writeLink } from "../src/session/share/link";
import { sharedRecipe } from "../src/session/share/shared";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const SHARED: string = fileURLToPath(new URL("../../shared/", import.meta.url));

/** Runs the rest of a test only beside the shared data. */
export function needsShared(): void {
  test.skip(!existsSync(`${SHARED}README.md`), "skipped: shared data absent");
}

/** Opens the page, at a view or with a shared run, and waits for the demo's network to stand. */
export async function openLab(page: Page, address = ""): Promise<void> {
  await page.goto(`/${address}`);
  await expect(page.getByRole("heading", { name: "BRECQ Lab" })).toBeVisible();
}

/** Opens the page with the demo's recipe changed, as a link brings it. */
export async function openRecipe(page: Page, change: Partial<Recipe>, query = ""): Promise<void> {
  const recipe = parseRecipe({ ...demoRecipe(), ...change }, "test");
  const link = writeLink("http://lab/", sharedRecipe(recipe, ARITHMETIC_VERSION), null);
  await openLab(page, `${query}${new URL(link).hash}`);
  await expect(page.locator("[data-node]").first()).toBeVisible();
}

const shapes = (split: "calibration" | "test", count: number) => ({ kind: "builtin", name: "shapes", split, count, seed: 0 }) as const;

/** A quarter of the demo's images: most of what is shown and saved is the same with them. */
export const FEW: Pick<Recipe, "calibration" | "evaluation"> = { calibration: shapes("calibration", 256), evaluation: shapes("test", 512) };

/** A run of the demo that takes a few seconds. */
export const SHORT: Partial<Recipe> = { ...FEW, iterations: 20, learningRate: 0.5 };

/** A figure of the sentence, in percent. */
export async function accuracyOf(page: Page, name: "fullPrecision" | "nearest" | "quantized"): Promise<number> {
  return Number(await page.getByTestId("sentence").getAttribute(`data-${name.toLowerCase()}`));
}

/** Opens a section of the recipe, if it is closed. */
export async function openSection(page: Page, name: string): Promise<void> {
  const button = page.locator("form").getByRole("button", { name: new RegExp(`^${name}`) });
  if ((await button.getAttribute("aria-expanded")) === "false") await button.click();
}

export async function setEffort(page: Page, iterations: number, learningRate: number): Promise<void> {
  await openSection(page, "Reconstruction");
  await page.getByLabel("Iterations", { exact: true }).fill(String(iterations));
  await page.getByLabel("Learning rate", { exact: true }).fill(String(learningRate));
}

/** What went wrong, wherever it is said. */
export function alerts(page: Page): Locator {
  return page.getByRole("alert").filter({ hasText: /\S/ });
}

/** The input behind a button that chooses files or a folder for a role. */
export function fileInput(page: Page, role: "model" | "calibration" | "evaluation", kind: "role" | "folder" = "role"): Locator {
  return page.locator(`input[data-${kind}=${role}]`);
}

export function status(page: Page): Locator {
  return page.locator('[role="status"][data-state]');
}

export function runButton(page: Page): Locator {
  return page.getByRole("banner").getByRole("button", { name: "Run", exact: true });
}

export async function runToEnd(page: Page): Promise<void> {
  await runButton(page).click();
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 200_000 });
}

/** A unit on the axis of depth. */
export function networkNode(page: Page, unit: string): Locator {
  return page.locator(`[data-node="unit:${unit}"]`);
}

/** What a button gives away as a file. */
export async function taken(page: Page, place: Locator, button: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent("download"), place.getByRole("button", { name: button, exact: true }).click()]);
  return readFileSync(await download.path());
}

/** The command line, as a person runs it. */
export async function cli(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)("node", [`${ROOT}bin/brecq-lab.mjs`, ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH },
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}
