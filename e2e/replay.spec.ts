/**
 * The page stays smooth while a long run is drawn: what its main thread does in each frame, by Chromium's own trace. Times are
 * those that the thread had a processor, so that what else a test machine does is not counted.
 */
import { type Browser, expect, type Page, test } from "@playwright/test";
import { type Replay, replayWorker } from "./replay";

const RUN: Replay = { units: 20, iterations: 20_000, messages: 10, every: 100 };
/**
 * Milliseconds and megabytes. On a machine that is at rest a frame takes 17 ms of work at most and a task 100, which the line that the
 * test prints shows; a test's machine may be three times as slow.
 */
const SLOW = 3;
const MOST = { frame: 17 * SLOW, task: 100 * SLOW, heap: 300 } as const;

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** The page's main thread by frame: milliseconds of work from one frame's commit to the next's, and its longest task. */
function mainThread(trace: readonly TraceEvent[]): { frames: number[]; longest: number; longestWall: number } {
  const threads = trace.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain");
  const own = threads.map(({ pid, tid }) => trace.filter((event) => event.pid === pid && event.tid === tid));
  const work = (events: readonly TraceEvent[]) => events.filter(({ name, ph }) => name === "RunTask" && ph === "X");
  // Of several renderers the busiest is the page.
  const busy = (events: readonly TraceEvent[]) => work(events).reduce((sum, { dur = 0 }) => sum + dur, 0);
  const page = own.toSorted((a, b) => busy(b) - busy(a))[0] ?? [];
  const tasks = work(page);
  const commits = page
    .filter(({ name }) => name === "Commit")
    .map(({ ts }) => ts)
    .toSorted((a, b) => a - b);
  const frames = commits.map(() => 0);
  for (const { ts, dur = 0, tdur = dur } of tasks) {
    // A frame is made by the tasks up to the one that commits it.
    const frame = commits.findIndex((commit) => commit >= ts);
    if (frame >= 0) frames[frame] = (frames[frame] as number) + tdur / 1000;
  }
  const most = (of: (task: TraceEvent) => number) => tasks.reduce((longest, task) => Math.max(longest, of(task) / 1000), 0);
  return { frames, longest: most(({ tdur, dur = 0 }) => tdur ?? dur), longestWall: most(({ dur = 0 }) => dur) };
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const { usedSize, backingStorageSize = 0 } = (await session.send("Runtime.getHeapUsage")) as { usedSize: number; backingStorageSize?: number };
  await session.detach();
  return (usedSize + backingStorageSize) / 1e6;
}

async function traced(browser: Browser, page: Page, work: () => Promise<void>): Promise<readonly TraceEvent[]> {
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "__metadata"] });
  await work();
  return (JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }).traceEvents;
}

test("20 units of 20,000 iterations are drawn as they come, at 17 ms of work a frame, and the run is kept", async ({ page, browser }) => {
  await page.route(/\/assets\/worker-[^/]*\.js$/, (route) =>
    route.fulfill({ contentType: "text/javascript", headers: { "Cross-Origin-Embedder-Policy": "require-corp" }, body: replayWorker(RUN) }),
  );
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto("/?lang=en");
  await expect(page.getByRole("banner").getByRole("button", { name: "Run", exact: true })).toBeEnabled();
  await expect(page.locator("[data-node]").first()).toBeVisible();
  await page.getByRole("banner").getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("tab", { name: "Loss curves" }).click();
  await expect(page.locator("[data-curves]")).toBeVisible({ timeout: 30_000 });
  // The chart stands: from here on the page draws what comes, and nobody asks it anything until the run has ended.
  let heap = 0;
  const trace = await traced(browser, page, async () => {
    await page.waitForTimeout(0.45 * RUN.units * RUN.messages * RUN.every);
    heap = await heapOf(page);
    await page.locator("[data-state='done']").first().waitFor({ state: "attached", timeout: 120_000 });
    heap = Math.max(heap, await heapOf(page));
  });
  // Its last value stands in the legend of each curve, and the hovered one instead of it.
  const chart = page.locator("[data-curves='20'] figure");
  await expect(chart.getByRole("listitem")).toHaveCount(20);
  const last = chart.getByRole("listitem").last();
  const end = await last.textContent();
  await chart.getByRole("slider").hover({ position: { x: 150, y: 80 } });
  await expect(chart.getByText(/At iteration [\d,]+/)).toBeVisible();
  await expect(last).not.toHaveText(end as string);
  const { frames, longest, longestWall } = mainThread(trace);
  const sorted = frames.toSorted((a, b) => a - b);
  const p95 = sorted[Math.floor(0.95 * sorted.length)] as number;
  console.log(
    `${frames.length} frames, work a frame: median ${(sorted[sorted.length >> 1] as number).toFixed(1)} ms, 95th percentile ${p95.toFixed(1)} ms; longest task ${longest.toFixed(0)} ms (${longestWall.toFixed(0)} by the clock); heap at most ${heap.toFixed(0)} MB`,
  );
  expect(frames.length).toBeGreaterThan(100);
  expect(p95).toBeLessThanOrEqual(MOST.frame);
  expect(longest).toBeLessThanOrEqual(MOST.task);
  expect(heap).toBeLessThan(MOST.heap);
  expect(errors).toEqual([]);
  const kept = await page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const open = indexedDB.open("brecq-lab-runs");
        open.onerror = () => reject(open.error);
        open.onsuccess = () => {
          const count = open.result.transaction("runs").objectStore("runs").count();
          count.onsuccess = () => resolve(count.result);
        };
      }),
  );
  expect(kept).toBe(1);
});
