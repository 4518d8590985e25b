/** A goal on the page: reached in one run with one progress, its verdict, what was tried, the download, and the recipe that it leaves. */
import { expect, test } from "@playwright/test";
import { FEW, openRecipe, status, taken } from "./support";

test("the demo fits a size: verdict, candidates, download, and the recipe has its bits; an impossible size is refused in words", async ({ page }) => {
  await openRecipe(page, { ...FEW, device: "wasm" });
  await page.getByRole("radio", { name: "Goal" }).check({ force: true });
  const goal = page.getByRole("region", { name: "Goal" });
  await goal.getByLabel("At most", { exact: true }).fill("10kB");
  await goal.getByRole("button", { name: "Reach this goal" }).click();
  await expect(page.getByText(/does not fit in 10\.0 kB/).first()).toBeVisible({ timeout: 60_000 });

  await goal.getByLabel("At most", { exact: true }).fill("60kB");
  await goal.getByRole("button", { name: "Reach this goal" }).click();
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 600_000 });
  const result = goal.getByTestId("goal-result");
  await expect(result).toHaveAttribute("data-stage", "done");
  await expect(result.getByRole("status")).toContainText(
    /^Goal met: at most 60\.0\skB\. 699\skB to \d+\.\d\skB; rounding alone loses \d+\.\d points, this (loses|gains) \d\.\d/,
  );
  await expect(result.getByRole("row", { name: /mixed/ }).first()).toBeVisible();
  const file = await taken(page, result, "Download as ONNX");
  expect(file.length).toBeGreaterThan(50_000);
});
