/** What is run on each device, in order: the works against every competitor, the whole network, our own checks. */
import type { Device, DeviceKind } from "../src/engine/device";
import { createWasmDevice } from "../src/engine/wasm/device";
import { checkBits } from "./checks/bits";
import { checkCheckpoints } from "./checks/checkpoints";
import { checkConvolutions } from "./checks/convolutions";
import { checkImageNet } from "./checks/imagenet";
import { checkGpuLeaks, checkWasmLeaks } from "./checks/leaks";
import { checkGpuOverhead, checkWasmOverhead } from "./checks/overhead";
import { checkPage } from "./checks/page";
import { checkSearch } from "./checks/search";
import { compare, type Pace, type Timed } from "./compare";
import type { Competitor } from "./competitors/competitor";
import { jax } from "./competitors/jax";
import { findTorch, pytorch } from "./competitors/pytorch";
import { tfjs } from "./competitors/tfjs";
import type { Cores } from "./cores";
import type { CountedGpu } from "./gpu";
import { NETWORK, quantization } from "./network";
import { FLOPS, wasmPeak } from "./peak/wasm";
import { gpuPeak } from "./peak/webgpu";
import type { Report } from "./result";
import { type Problem, prepare, problemOf, timed, WORKS, type Work } from "./works";

export interface Plan {
  readonly report: Report;
  readonly only: RegExp;
  readonly pace: Pace;
  readonly threads: number;
  /** Looks whether the threads' cores are there; null where the work is a GPU's. */
  readonly cores: Cores | null;
}

/** A competitor whose iteration would take longer, judged by its rate so far, is left out and named. */
const LONGEST_MS = 60_000;

/** The largest convolution measured alone on a processor that plays a GPU. */
const MOST_FLOPS = 1e9;

const NETWORK_NAME = `ResNet-20, whole quantization (${NETWORK.images} images, ${NETWORK.iterations} iterations a unit)`;

/** Competitors of a device; the ones that do not start are named in the report. */
async function competitorsOf(kind: DeviceKind, { report, threads }: Plan): Promise<Competitor[]> {
  const torch = findTorch();
  const candidates: [string, () => Promise<Competitor | null> | Competitor | null][] =
    kind === "wasm"
      ? [
          ["PyTorch, CPU", () => torch && pytorch(torch, "cpu", threads)],
          ["jax-js, wasm", () => jax("wasm")],
          ["tfjs, cpu", () => tfjs("cpu")],
        ]
      : [
          ["PyTorch, CUDA", () => (torch?.cuda ? pytorch(torch, "cuda", threads) : null)],
          ["jax-js, webgpu", () => jax("webgpu")],
          ["tfjs, webgpu", () => tfjs("webgpu")],
        ];
  const started: Competitor[] = [];
  for (const [name, start] of candidates) {
    const competitor = await start();
    if (competitor) started.push(competitor);
    else report.check(`${name}`, "not available on this machine");
  }
  return started;
}

interface Subject {
  readonly work: Work;
  readonly problem: Problem;
  readonly ours: Timed;
  /** Loss of the first iteration. */
  readonly loss: number;
  /** Our name for the device. */
  readonly device: string;
}

/** Compiles a work on our device and runs its first iteration. */
async function begin(report: Report, device: Device, label: string, work: Work): Promise<Subject> {
  const problem = problemOf(work);
  const start = performance.now();
  const executable = await prepare(device, work, problem);
  const ours = timed(executable);
  await ours.time(1);
  report.check(`${work.name}, ${label}: milliseconds to compile and run the first iteration`, Math.round(performance.now() - start));
  const [error, regularizer] = (await executable.read("ring", 0, 2)) as unknown as [number, number];
  return { work, problem, ours, loss: error + regularizer, device: label };
}

/** What the first losses may differ by, relatively: sums in another order, and jax-js's functions of half the digits. */
const SAME_LOSS = 1e-3;

/** How long a competitor may take to compile and run its first iteration. */
const FIRST_MS = 60_000;

/** Whether a promise settles in time. */
async function within(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const done = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return done;
}

/** Milliseconds that a side needed for a multiply-accumulate, the last time, by its name. */
const rates = new Map<string, number>();

/** Whether a side would take too long for a work; says so. */
function tooLong(report: Report, side: string, { name, macs }: Work): boolean {
  const expected = (rates.get(side) ?? 0) * macs;
  if (expected > LONGEST_MS) report.check(`${name}: ${side}`, `left out: about ${Math.round(expected / 1000)} s an iteration`);
  return expected > LONGEST_MS;
}

async function against(plan: Plan, { work, problem, ours, loss, device }: Subject, competitor: Competitor): Promise<void> {
  const { report, pace } = plan;
  if (tooLong(report, competitor.name, work)) return;
  try {
    const theirs = await competitor.train(work, problem);
    if (!(await within(FIRST_MS, theirs.time(1)))) {
      report.check(`${work.name}: ${competitor.name}`, `left out: the first iteration took more than ${FIRST_MS / 1000} s`);
      // It cannot be interrupted otherwise, and would compute beside what comes next.
      competitor.stop();
      return;
    }
    if (theirs.loss) {
      const difference = Math.abs((await theirs.loss()) - loss) / loss;
      report.check(`${work.name}: ${competitor.name}, relative difference of the first loss to ours`, Number(difference.toExponential(1)));
      if (!(difference < SAME_LOSS)) throw new Error("its first loss is not ours: the two sides do not do the same work");
    }
    const outcome = await compare(ours, theirs, pace, plan.cores);
    rates.set(competitor.name, outcome.theirs / work.macs);
    rates.set(device, outcome.ours / work.macs);
    report.compared({ work: work.name, device, against: competitor.name, ...outcome });
    theirs.dispose();
  } catch (error) {
    report.check(`${work.name}: ${competitor.name}`, `failed: ${(error as Error).message.split("\n")[0]}`);
  }
}

async function wholeNetwork(plan: Plan, device: Device, label: string, competitors: readonly Competitor[]): Promise<void> {
  for (const competitor of competitors) {
    if (!competitor.network) continue;
    const ours = await quantization(device, NETWORK.images, NETWORK.iterations);
    const theirs = await competitor.network(NETWORK.images, NETWORK.iterations);
    await ours.time(1);
    await theirs.time(1);
    // Seconds an iteration: at least three pairs.
    const outcome = await compare(ours, theirs, { ...plan.pace, budgetMs: 4 * plan.pace.budgetMs }, plan.cores);
    plan.report.compared({ work: NETWORK_NAME, device: label, against: competitor.name, ...outcome });
    ours.dispose();
    theirs.dispose();
  }
}

export async function benchWasm(plan: Plan): Promise<void> {
  const { report, only, pace, threads } = plan;
  const label = `wasm, ${threads} threads`;
  const competitors = await competitorsOf("wasm", plan);
  for (const work of WORKS.filter(({ name }) => only.test(name))) {
    const [single, double] = [await createWasmDevice(1), await createWasmDevice(threads)];
    const subject = await begin(report, double, label, work);
    const one = timed(await prepare(single, work, subject.problem));
    report.compared({ work: work.name, device: label, against: "wasm, 1 thread", ...(await compare(subject.ours, one, pace, plan.cores)) });
    one.dispose();
    single.dispose();
    for (const competitor of competitors) await against(plan, subject, competitor);
    report.check(`${work.name}, ${label}: MiB of WebAssembly memory at peak`, Math.round(double.memory.peak / 2 ** 20));
    subject.ours.dispose();
    report.check(`${work.name}, ${label}: bytes in use after disposal`, double.memory.used);
    double.dispose();
    await checkBits(report, work);
  }
  const device = await createWasmDevice(threads);
  if (only.test(NETWORK_NAME)) await wholeNetwork(plan, device, label, competitors);
  for (const competitor of competitors) competitor.stop();
  if (only.test("search")) await checkSearch(report);
  if (only.test("page")) await checkPage(report);
  if (only.test("checkpoints")) await checkCheckpoints(report, threads);
  if (only.test("overhead")) await checkWasmOverhead(report, threads);
  if (only.test("leaks")) await checkWasmLeaks(report, threads);
  if (only.test("ImageNet")) await checkImageNet(report, threads);
  if (only.test("convolutions")) {
    const peak = await wasmPeak();
    const single = await createWasmDevice(1);
    const short = { ...pace, turnMs: pace.turnMs / 4 };
    await checkConvolutions(report, "wasm, 1 thread", single, { timed: peak, flops: FLOPS, times: 1 }, short, null);
    await checkConvolutions(report, label, device, { timed: peak, flops: FLOPS, times: threads }, short, plan.cores);
    single.dispose();
  }
  device.dispose();
}

export async function benchGpu(plan: Plan, gpu: CountedGpu): Promise<void> {
  const { report, only } = plan;
  // A processor that plays a GPU takes seconds for what a GPU does in milliseconds: few pairs must do.
  const pace = gpu.software ? { rounds: 3, turnMs: 200, budgetMs: 5_000 } : plan.pace;
  const slow = { ...plan, pace };
  const competitors = await competitorsOf("webgpu", plan);
  for (const work of WORKS.filter(({ name }) => only.test(name))) {
    if (tooLong(report, "webgpu", work)) continue;
    const subject = await begin(report, gpu.device, "webgpu", work);
    for (const competitor of competitors) await against(slow, subject, competitor);
    subject.ours.dispose();
  }
  if (only.test(NETWORK_NAME)) await wholeNetwork(slow, gpu.device, "webgpu", competitors);
  for (const competitor of competitors) competitor.stop();
  if (only.test("overhead")) await checkGpuOverhead(report, gpu);
  if (only.test("leaks")) await checkGpuLeaks(report, gpu);
  if (only.test("convolutions")) {
    const { timed: peak, flops } = gpuPeak(gpu.gpu, gpu.software ? 64 : 4096);
    await checkConvolutions(
      report,
      "webgpu",
      gpu.device,
      { timed: peak, flops, times: 1 },
      pace,
      null,
      gpu.software ? MOST_FLOPS : Number.POSITIVE_INFINITY,
    );
    peak.dispose();
  }
}
