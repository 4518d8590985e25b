import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, type Locator, type Page, test } from "@playwright/test";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const SHARED: string = fileURLToPath(new URL("../../shared/", import.meta.url));

/** Runs the rest of a test only beside the shared data. */
export function needsShared(): void {
  test.skip(!existsSync(`${SHARED}README.md`), "skipped: shared data absent");
}

export async function openLab(page: Page, fragment = ""): Promise<void> {
  await page.goto(`/${fragment}`);
  await expect(page.getByRole("heading", { name: "BRECQ Lab" })).toBeVisible();
}

export function status(page: Page): Locator {
  // A chart's tooltip has the role too, where the pointer happens to rest on one.
  return page.locator('[role="status"][data-state]');
}

export async function runToEnd(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 200_000 });
}

/** The big figure of one of the three accuracies, in percent. */
export async function accuracyOf(page: Page, name: "fullPrecision" | "nearest" | "quantized"): Promise<number> {
  return Number.parseFloat((await page.getByTestId(`accuracy-${name}`).locator(".figure").textContent()) ?? "") ?? "";
}

export async function setEffort(page: Page, iterations: number, learningRate: number): Promise<void> {
  await page.getByLabel("Iterations", { exact: true }).fill(String(iterations));
  await page.getByLabel("Learning rate").fill(String(learningRate));
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
