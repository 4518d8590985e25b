/**
 * The protocol of page and worker, without a browser, for each order of messages: what a superseded job says is dropped,
 * checks are coalesced, Cancel stops whatever is queued or running, and a worker that breaks is replaced.
 */
import { afterEach, describe, expect, test, vi } from "vitest";
import { BadInput, Cancelled, ThreadFailure } from "../../src/base/errors";
import type { ThreadJob } from "../../src/engine/wasm/serve";
import { holdWork, releaseWork, turnEvents } from "../../src/engine/yield";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { SessionClient, type WorkerLike } from "../../src/session/worker/client";
import type { LabEvent } from "../../src/session/worker/events";
import { Jobs } from "../../src/session/worker/jobs";
import type { ThreadWorker } from "../../src/session/worker/page-threads";
import type { FromWorker, Job, ToWorker } from "../../src/session/worker/protocol";
import { AskedThreads } from "../../src/session/worker/threads";
import { SIGN, sayAlive } from "../../src/session/worker/watchdog";

const recipe = demoRecipe();
const check: Job = { kind: "check", recipe };
const score: Job = { kind: "score", recipe };
const ask = { layer: "conv", rounding: null, channel: null, at: "layer", image: 0, maps: null } as const;
const inspect: Job = { kind: "inspect", recipe, ask };
const run: Job = { kind: "run", recipe };

interface Started {
  readonly job: Job;
  readonly signal: AbortSignal;
  emit(event: LabEvent): void;
  end(error?: unknown): void;
}

function jobs() {
  const started: Started[] = [];
  const told: [id: number, event: string][] = [];
  const broken: string[] = [];
  const own = new Jobs({
    perform: (job, emit, signal) =>
      new Promise((resolve, reject) => {
        started.push({ job, emit, signal, end: (error) => (error === undefined ? resolve() : reject(error)) });
        signal.addEventListener("abort", () => reject(new Cancelled()));
      }),
    deliver: (id, events) => told.push(...events.map((event): [number, string] => [id, event.type === "state" ? event.state : event.type])),
    broken: (message) => broken.push(message),
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return { own, started, told, broken, settle };
}

describe("in the worker", () => {
  test("a run that comes while a check is pending takes its place: the check says nothing, also not ready", async () => {
    const { own, started, told, settle } = jobs();
    own.submit(1, check);
    own.submit(2, run);
    await settle();
    started[0]?.emit({ type: "state", state: "ready" });
    expect(started.map(({ job }) => job.kind)).toEqual(["check", "run"]);
    started[1]?.emit({ type: "state", state: "loading" });
    started[1]?.end();
    await settle();
    expect(told).toEqual([[2, "loading"]]);
  });

  test("of many checks in a row the first and the last are begun, and only the last speaks", async () => {
    const { own, started, told, settle } = jobs();
    for (let id = 1; id <= 10; id++) own.submit(id, check);
    await settle();
    expect(started).toHaveLength(2);
    started[1]?.emit({ type: "state", state: "ready" });
    started[1]?.end();
    await settle();
    expect(told).toEqual([[10, "ready"]]);
  });

  test("Cancel during a check stops the run that waits behind it: the run never starts", async () => {
    const { own, started, told, settle } = jobs();
    own.submit(1, check);
    own.submit(2, run);
    own.cancel();
    await settle();
    await settle();
    expect(started.map(({ job }) => job.kind)).toEqual(["check"]);
    expect(told).toEqual([[2, "cancelled"]]);
  });

  test("Cancel of a running job says cancelled, and the next one runs", async () => {
    const { own, started, told, settle } = jobs();
    own.submit(1, run);
    own.cancel();
    await settle();
    own.submit(2, run);
    await settle();
    started[1]?.emit({ type: "state", state: "done" });
    started[1]?.end();
    await settle();
    expect(told).toEqual([
      [1, "cancelled"],
      [2, "done"],
    ]);
  });

  test("a newer run ends the older one, which speaks no more", async () => {
    const { own, started, told, settle } = jobs();
    own.submit(1, run);
    own.submit(2, run);
    await settle();
    started[0]?.emit({ type: "state", state: "quantizing" });
    expect(started[0]?.signal.aborted).toBe(true);
    await settle();
    expect(told.filter(([id]) => id === 1)).toEqual([]);
  });

  test("a check waits for a run and does not disturb it", async () => {
    const { own, started, settle } = jobs();
    own.submit(1, run);
    own.submit(2, check);
    await settle();
    expect(started).toHaveLength(1);
    expect(started[0]?.signal.aborted).toBe(false);
    started[0]?.end();
    await settle();
    expect(started[1]?.job.kind).toBe("check");
  });

  test("a score waits for a run and does not end it; it takes a check's place, and a check takes its", async () => {
    const { own, started, told, settle } = jobs();
    own.submit(1, run);
    own.submit(2, score);
    await settle();
    expect(started.map(({ job }) => job.kind)).toEqual(["run"]);
    expect(started[0]?.signal.aborted).toBe(false);
    started[0]?.end();
    await settle();
    expect(started[1]?.job.kind).toBe("score");
    own.submit(3, check);
    own.submit(4, score);
    await settle();
    await settle();
    expect(started.map(({ job }) => job.kind)).toEqual(["run", "score", "score"]);
    expect(told.filter(([id]) => id !== 1)).toEqual([]);
  });

  test("an inspection waits for a run, ends no check and is ended by none; a newer one and a newer run take its place", async () => {
    const { own, started, settle } = jobs();
    own.submit(1, check);
    own.submit(2, inspect);
    own.submit(3, inspect);
    own.submit(4, check);
    await settle();
    expect(started[0]?.signal.aborted).toBe(true);
    expect(started.map(({ job }) => job.kind)).toEqual(["check", "inspect"]);
    started[1]?.end();
    await settle();
    expect(started.map(({ job }) => job.kind)).toEqual(["check", "inspect", "check"]);
    own.submit(5, inspect);
    own.submit(6, run);
    await settle();
    expect(started.map(({ job }) => job.kind)).toEqual(["check", "inspect", "check", "run"]);
    own.submit(7, inspect);
    await settle();
    expect(started[3]?.signal.aborted).toBe(false);
    started[3]?.end();
    await settle();
    expect(started.at(-1)?.job.kind).toBe("inspect");
  });

  test("errors are told as bad input or as failures, and a dead thread breaks the worker", async () => {
    const { own, started, told, broken, settle } = jobs();
    for (const [id, error] of [new BadInput("b"), new Error("e"), new ThreadFailure(new Error("unreachable"))].entries()) {
      own.submit(id, run);
      await settle();
      started[id]?.end(error);
      await settle();
    }
    expect(told.filter(([, what]) => what === "failed")).toHaveLength(6);
    expect(broken).toEqual(["A compute thread stopped (unreachable)."]);
  });
});

class FakeWorker implements WorkerLike {
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly sent: ToWorker[] = [];
  terminated = false;
  postMessage(message: ToWorker): void {
    this.sent.push(message);
  }
  terminate(): void {
    this.terminated = true;
  }
  say(message: FromWorker): void {
    this.onmessage?.({ data: message } as MessageEvent<FromWorker>);
  }
}

class FakeThread implements ThreadWorker {
  onmessage: ThreadWorker["onmessage"] = null;
  onerror: ThreadWorker["onerror"] = null;
  readonly sent: unknown[] = [];
  terminated = false;
  postMessage(message: unknown): void {
    this.sent.push(message);
  }
  terminate(): void {
    this.terminated = true;
  }
  ready(): void {
    this.onmessage?.call(this as unknown as Worker, { data: "ready" } as MessageEvent);
  }
  fail(message: string): void {
    this.onerror?.call(this as unknown as Worker, Object.assign(new Event("error", { cancelable: true }), { message }) as ErrorEvent);
  }
}

function client() {
  const workers: FakeWorker[] = [];
  const threads: FakeThread[] = [];
  const told: LabEvent[] = [];
  const own = new SessionClient(
    (events) => told.push(...events),
    () => {
      workers.push(new FakeWorker());
      return workers.at(-1) as FakeWorker;
    },
    "http://lab/",
    () => {
      threads.push(new FakeThread());
      return threads.at(-1) as FakeThread;
    },
  );
  const idOf = (worker: number, nth: number) => ((workers[worker] as FakeWorker).sent.filter(({ type }) => type === "job")[nth] as { id: number }).id;
  const state = (job: number, to: "ready" | "loading" | "done"): FromWorker => ({ type: "events", job, events: [{ type: "state", state: to }] });
  return { own, workers, threads, told, idOf, state };
}

describe("work that stands still", () => {
  afterEach(() => void vi.useRealTimers());
  const minutes = (count: number) => vi.advanceTimersByTime(60_000 * count);

  test("three minutes without a sign of life: the worker is replaced, and the work has failed with why", () => {
    vi.useFakeTimers();
    const { own, workers, told, idOf, state } = client();
    own.run(recipe);
    workers[0]?.say(state(idOf(0, 0), "loading"));
    minutes(2.5);
    expect(workers).toHaveLength(1);
    workers[0]?.say({ type: "alive" });
    minutes(2.5);
    expect(workers).toHaveLength(1);
    minutes(1);
    expect(workers).toHaveLength(2);
    expect(workers[0]?.terminated).toBe(true);
    expect(told.at(-2)).toMatchObject({ type: "failed", message: expect.stringContaining("nothing has moved for three minutes") });
    // It is told once, and the next work is watched anew.
    minutes(20);
    expect(workers).toHaveLength(2);
    own.run(recipe);
    minutes(2.5);
    expect(workers).toHaveLength(2);
    minutes(1);
    expect(workers).toHaveLength(3);
  });

  test("where nothing is at work, or it has ended, nothing is missed", () => {
    vi.useFakeTimers();
    const { own, workers, idOf, state } = client();
    own.check(recipe);
    minutes(10);
    own.run(recipe);
    workers[0]?.say(state(idOf(0, 1), "done"));
    minutes(10);
    expect(workers).toHaveLength(1);
  });

  test("the worker says that it is alive where work lets go or is held, and not where it stands", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    let said = 0;
    sayAlive(() => said++);
    const signs = async (work: () => unknown) => {
      const before = said;
      await work();
      vi.advanceTimersByTime(SIGN);
      return said - before;
    };
    expect(await signs(() => turnEvents())).toBe(1);
    expect(await signs(() => undefined)).toBe(0);
    holdWork();
    expect([await signs(() => undefined), await signs(() => undefined)]).toEqual([1, 1]);
    releaseWork();
    expect(await signs(() => undefined)).toBe(0);
  });
});

describe("in the page", () => {
  test("what a check says after Run was pressed is dropped, so that the form stays locked", () => {
    const { own, workers, told, idOf, state } = client();
    own.check(recipe);
    own.run(recipe);
    workers[0]?.say(state(idOf(0, 0), "ready"));
    workers[0]?.say(state(idOf(0, 1), "loading"));
    expect(told).toEqual([{ type: "state", state: "loading" }]);
  });

  test("a check after a finished run is heard, of several only the newest", () => {
    const { own, workers, told, idOf, state } = client();
    own.run(recipe);
    workers[0]?.say(state(idOf(0, 0), "done"));
    own.check(recipe);
    own.check(recipe);
    workers[0]?.say(state(idOf(0, 1), "ready"));
    workers[0]?.say(state(idOf(0, 2), "ready"));
    expect(told.map((event) => event.type === "state" && event.state)).toEqual(["done", "ready"]);
  });

  test("an inspection does not silence the check before it, nor a check the inspection; a newer inspection does", () => {
    const { own, workers, told, idOf, state } = client();
    own.check(recipe);
    own.inspect(recipe, ask);
    own.inspect(recipe, { ...ask, layer: "fc" });
    own.check(recipe);
    const answer = (job: number): FromWorker => ({ type: "events", job, events: [{ type: "inspected", inspection: { ask, error: "none" } }] });
    workers[0]?.say(state(idOf(0, 0), "ready"));
    workers[0]?.say(answer(idOf(0, 1)));
    expect(told).toEqual([]);
    workers[0]?.say(answer(idOf(0, 2)));
    workers[0]?.say(state(idOf(0, 3), "ready"));
    expect(told.map(({ type }) => type)).toEqual(["inspected", "state"]);
    // What is told is done: a worker that breaks now has failed at nothing.
    workers[0]?.say({ type: "broken", message: "gone" });
    expect(told.map(({ type }) => type)).toEqual(["inspected", "state"]);
  });

  test("a score that was asked for during a run does not make the run's own events old", () => {
    const { own, workers, told, idOf, state } = client();
    own.run(recipe);
    own.score(recipe);
    workers[0]?.say(state(idOf(0, 0), "done"));
    workers[0]?.say(state(idOf(0, 1), "ready"));
    expect(told.map((event) => event.type === "state" && event.state)).toEqual(["done", "ready"]);
  });

  test("the page starts the worker's compute threads and ends them when it says so; one that does not start is told; a broken worker's end", async () => {
    const { workers, threads } = client();
    const worker = workers[0] as FakeWorker;
    const asked = new AskedThreads((request) => worker.say(request));
    const answer = () => asked.hear(worker.sent.at(-1) as Extract<ToWorker, { type: "thread" }>);
    const job = { tid: 1 } as unknown as ThreadJob;
    const first = asked.start(job);
    expect(threads[0]?.sent).toEqual([job]);
    threads[0]?.ready();
    answer();
    const second = asked.start({ ...job, tid: 2 });
    threads[1]?.fail("blocked");
    answer();
    await expect(second).rejects.toThrow("A compute thread did not start (blocked).");
    expect(threads.map(({ terminated }) => terminated)).toEqual([false, true]);
    (await first).terminate();
    expect(threads[0]?.terminated).toBe(true);
    void asked.start(job);
    threads[2]?.ready();
    worker.say({ type: "broken", message: "gone" });
    expect(threads[2]?.terminated).toBe(true);
  });

  test("a worker that breaks is replaced and given the files again; the run has failed; the page works on", () => {
    const { own, workers, told, idOf, state } = client();
    own.give("model", { name: "m", files: [] });
    own.run(recipe);
    workers[0]?.say({ type: "broken", message: "A compute thread stopped (unreachable)." });
    expect(workers[0]?.terminated).toBe(true);
    expect(told.map(({ type }) => type)).toEqual(["failed", "state"]);
    expect(told[0]).toMatchObject({ message: expect.stringMatching(/A compute thread stopped.*It was started anew/) });
    expect(workers[1]?.sent.map(({ type }) => type)).toEqual(["start", "give"]);
    own.run(recipe);
    workers[1]?.say(state(idOf(1, 0), "done"));
    expect(told.at(-1)).toEqual({ type: "state", state: "done" });
    // What the old one still says is nobody's concern.
    workers[0]?.say(state(idOf(1, 0), "loading"));
    expect(told.at(-1)).toEqual({ type: "state", state: "done" });
  });

  test("an uncaught error reaches the page as a failed run; a worker that never starts is not started forever", () => {
    const { own, workers, told } = client();
    own.run(recipe);
    for (let i = 0; i < 3; i++) workers.at(-1)?.onerror?.({ message: "out of memory" } as ErrorEvent);
    expect(workers).toHaveLength(3);
    expect(told.filter(({ type }) => type === "failed").at(-1)).toMatchObject({ message: expect.stringMatching(/out of memory. Reload the page/) });
  });
});

test("the client's page address is sent first", () => {
  const { workers } = client();
  expect(workers[0]?.sent[0]).toEqual({ type: "start", page: "http://lab/" });
});
