/** Work as a browser keeps it: what stays when it is stopped, what goes when it ends, and what happens where there is no room. */
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { BadInput, Cancelled } from "../../../src/base/errors";
import { type Keeping, keepWork, type WorkAsked } from "../../../src/session/checkpoint/kept-work";
import { allWork, type KeptWork, openWork } from "../../../src/session/checkpoint/work-database";
import { demoRecipe } from "../../../src/session/recipe/defaults";
import type { LabEvent } from "../../../src/session/worker/events";
import "fake-indexeddb/auto";

const MIB = 2 ** 20;
const PLACE = { unit: "layer1.0", iteration: 40 };
let told: LabEvent[] = [];
let underWay: string[] = [];

beforeEach(() => {
  told = [];
  underWay = [];
  vi.stubGlobal("indexedDB", new IDBFactory());
  browser(1024 * MIB);
  return () => vi.unstubAllGlobals();
});

/** What a browser has beside IndexedDB. @param room bytes that it would still store */
function browser(room: number): void {
  const request = async (name: string, _options: object, then: (lock: object | null) => Promise<unknown>) => {
    if (underWay.includes(name)) return then(null);
    underWay.push(name);
    return then({}).finally(() => {
      underWay = underWay.filter((other) => other !== name);
    });
  };
  const query = async () => ({ held: underWay.map((name) => ({ name })) });
  vi.stubGlobal("navigator", { locks: { request, query }, storage: { estimate: async () => ({ quota: room, usage: 0 }) } });
}

const asked = (id: string, rest: Partial<WorkAsked> = {}): WorkAsked => ({
  ...{ id, resumes: false, job: { kind: "run", recipe: demoRecipe() }, given: new Map() },
  emit: (event) => told.push(event),
  ...rest,
});

const sent = (name: string, bytes: number) => ({ name, files: [{ path: name, file: { size: bytes } as File }] });

/** Writes one checkpoint, and then fails so. */
const upTo = (error: Error | null, name = "weights-000.checkpoint") => {
  return async ({ checkpoints }: Keeping) => {
    const store = await checkpoints.open("run");
    await store.write(name, new TextEncoder().encode(name), PLACE);
    if (error) throw error;
  };
};

async function left(): Promise<KeptWork[]> {
  const database = await openWork();
  const all = await allWork(database);
  database.close();
  return all;
}

async function files(): Promise<number> {
  const database = await openWork();
  const count = await database.count("files");
  database.close();
  return count;
}

test("work that ends leaves nothing; stopped after a checkpoint it stays with that, and goes on from it", async () => {
  await keepWork(asked("a"), upTo(null));
  expect([await left(), await files()]).toEqual([[], 0]);
  await expect(keepWork(asked("b"), upTo(new Cancelled()))).rejects.toThrow(Cancelled);
  expect(told).toEqual([{ type: "interrupted" }]);
  expect(await left()).toEqual([expect.objectContaining({ id: "b", checkpoints: 1, at: PLACE, job: { kind: "run", recipe: demoRecipe() } })]);
  const found = await keepWork(asked("b", { resumes: true }), async ({ checkpoints }) =>
    (await checkpoints.open("run")).read("weights-000.checkpoint"),
  );
  expect(new TextDecoder().decode(found ?? new Uint8Array())).toBe("weights-000.checkpoint");
  expect([await left(), await files()]).toEqual([[], 0]);
});

test("stopped or refused before anything was kept, it does not stay; with a checkpoint it does, whatever broke it", async () => {
  await expect(keepWork(asked("a"), () => Promise.reject(new Cancelled()))).rejects.toThrow();
  await expect(keepWork(asked("b"), () => Promise.reject(new BadInput("no such layer")))).rejects.toThrow();
  expect(await left()).toEqual([]);
  // A file that is not the one of the run, or a GPU without memory, must not cost what was done.
  await expect(keepWork(asked("b"), upTo(new BadInput("The GPU has no memory left")))).rejects.toThrow();
  await expect(keepWork(asked("b", { resumes: true }), () => Promise.reject(new BadInput("another file")))).rejects.toThrow();
  expect((await left()).map(({ id, checkpoints }) => [id, checkpoints])).toEqual([["b", 1]]);
  await keepWork(asked("b", { resumes: true }), upTo(null));
  await expect(keepWork(asked("c"), upTo(new Error("The GPU was lost.")))).rejects.toThrow();
  expect((await left()).map(({ id }) => id)).toEqual(["c"]);
});

test("runs of another identity and other work do not see each other's checkpoints; reports of an experiment's runs are found by label and seed", async () => {
  const report = { recipe: { ...demoRecipe(), seed: 3 } } as never;
  await keepWork(asked("a"), async ({ checkpoints, keepReport, report: find, ...rest }) => {
    expect(rest).toBeDefined();
    await (await checkpoints.open("one")).write("x", new Uint8Array(1), PLACE);
    expect(await (await checkpoints.open("two")).read("x")).toBeNull();
    void [keepReport, find];
  });
  await expect(
    keepWork(asked("b"), async (keeping) => {
      await keeping.keepReport("W2", report);
      expect([await keeping.report("W2", 3), await keeping.report("W2", 4), await keeping.report("W3", 3)]).toEqual([report, null, null]);
      throw new Cancelled();
    }),
  ).rejects.toThrow(Cancelled);
  await keepWork(asked("b", { resumes: true }), async (keeping) => expect(await keeping.report("W2", 3)).toEqual(report));
});

test("one at a time: who comes second is told where the work is", async () => {
  let end = () => {};
  let begun = () => {};
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const first = keepWork(asked("a"), () => {
    begun();
    return new Promise<void>((resolve) => {
      end = resolve;
    });
  });
  await hasBegun;
  await expect(keepWork(asked("a", { resumes: true }), upTo(null))).rejects.toThrow("another tab");
  expect(await left()).toHaveLength(1);
  end();
  await first;
});

test("files are kept with the work as far as there is room, the smallest first; the rest by name", async () => {
  browser(400 * MIB);
  const given = new Map([
    ["model", sent("net.onnx", 20 * MIB)],
    ["calibration", sent("images.npz", 300 * MIB)],
    ["evaluation", sent("test.npz", 50 * MIB)],
  ] as const);
  await expect(keepWork(asked("a", { given }), upTo(new Cancelled()))).rejects.toThrow();
  const [work] = await left();
  expect(work?.given).toEqual({
    model: sent("net.onnx", 20 * MIB),
    evaluation: sent("test.npz", 50 * MIB),
    calibration: { name: "images.npz", files: null },
  });
});

test("files that the browser does not take after all are kept by name", async () => {
  const broken = { name: "net.onnx", files: [{ path: "net.onnx", file: { size: 1, cannotBeKept: () => {} } as unknown as File }] };
  await expect(keepWork(asked("a", { given: new Map([["model", broken]]) }), upTo(new Cancelled()))).rejects.toThrow(Cancelled);
  expect(await left()).toEqual([expect.objectContaining({ id: "a", checkpoints: 1, given: { model: { name: "net.onnx", files: null } } })]);
});

test("little room is told before the work begins; the oldest of three interrupted works makes place", async () => {
  browser(10 * MIB);
  for (const [i, id] of ["a", "b", "c", "d"].entries()) {
    vi.spyOn(Date, "now").mockReturnValue(1000 + i);
    await expect(keepWork(asked(id), upTo(new Cancelled()))).rejects.toThrow();
  }
  vi.restoreAllMocks();
  expect((await left()).map(({ id }) => id)).toEqual(["d", "c", "b"]);
  expect(await files()).toBe(3);
  expect(told[0]).toEqual({ type: "warning", message: expect.stringContaining("room for 10 MiB") });
});

describe("a browser that keeps nothing", () => {
  test("the work goes on, and the first checkpoint says why it is not kept", async () => {
    vi.stubGlobal("indexedDB", {
      open: () => {
        throw new DOMException("The operation is insecure.", "SecurityError");
      },
    });
    const result = await keepWork(asked("a"), async ({ checkpoints, report }) => {
      void report;
      const store = await checkpoints.open("run");
      expect(await store.read("x")).toBeNull();
      await expect(store.write("x", new Uint8Array(1), PLACE)).rejects.toThrow("The operation is insecure.");
      return 7;
    });
    expect([result, told]).toEqual([7, []]);
  });

  test("without locks, as outside a secure context, work is kept all the same", async () => {
    vi.stubGlobal("navigator", {});
    await expect(keepWork(asked("a"), upTo(new Cancelled()))).rejects.toThrow(Cancelled);
    expect((await left()).map(({ id }) => id)).toEqual(["a"]);
  });
});
