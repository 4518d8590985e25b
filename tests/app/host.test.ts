/** When the page reloads itself for threads, and when it must not. */
import { expect, test } from "vitest";
import { createHost, type HostPlace, type HostState } from "../../src/app/host/host";

class FakeWorker extends EventTarget {
  readonly told: unknown[] = [];
  state = "installed";
  postMessage(message: unknown): void {
    this.told.push(message);
  }
}

function fake(change: Partial<HostPlace> & { through?: boolean; waiting?: FakeWorker } = {}) {
  const { through = false, waiting = null, ...rest } = change;
  const active = new FakeWorker();
  const registration = Object.assign(new EventTarget(), { active, waiting, installing: null, update: async () => undefined });
  const container = Object.assign(new EventTarget(), {
    controller: through ? active : null,
    ready: Promise.resolve(registration),
    register: async () => registration,
  });
  const kept = new Map<string, string>();
  const seen = { reloads: 0, active, container };
  const host = createHost({
    isolated: false,
    embedded: false,
    container: container as unknown as ServiceWorkerContainer,
    memory: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    isTouched: () => false,
    reload: () => void seen.reloads++,
    ...rest,
  });
  const begin = async (): Promise<{ reloads: number } & HostState> => {
    await host.start(new URL("https://lab.example/service-worker.js"));
    return { reloads: seen.reloads, ...host.state.getState() };
  };
  return { host, seen, begin };
}

test("a page without isolation reloads itself once, and never a second time in its tab", async () => {
  const { begin } = fake();
  expect(await begin()).toEqual({ reloads: 1, threads: "coming", update: false });
  expect(await begin()).toEqual({ reloads: 1, threads: "offered", update: false });
});

test.each<[string, Parameters<typeof fake>[0], HostState["threads"]]>([
  ["a touched page is asked", { isTouched: () => true }, "offered"],
  ["where reloads cannot be remembered, there is none", { memory: null }, "offered"],
  ["what came through the service worker in vain does not try again", { through: true }, "refused"],
  ["a part of another page cannot be isolated by itself", { embedded: true }, "embedded"],
  ["without service workers there are no threads", { container: undefined }, "insecure"],
  ["an isolated page needs none of it", { isolated: true }, "here"],
])("%s", async (_name, place, threads) => {
  expect(await fake(place).begin()).toEqual({ reloads: 0, threads, update: false });
});

test("a browser that refuses the service worker is told of", async () => {
  const container = Object.assign(new EventTarget(), { controller: null, register: () => Promise.reject(new Error("no")) });
  expect(await fake({ container: container as unknown as ServiceWorkerContainer }).begin()).toEqual({
    reloads: 0,
    threads: "refused",
    update: false,
  });
});

test("a newer version waits; accepted, it takes over, and then the page reloads", async () => {
  const waiting = new FakeWorker();
  const { host, seen, begin } = fake({ isolated: true, waiting });
  expect(await begin()).toEqual({ reloads: 0, threads: "here", update: true });
  expect(seen.active.told).toEqual(["keep"]);
  host.accept();
  expect([waiting.told, seen.reloads]).toEqual([["takeOver"], 0]);
  seen.container.dispatchEvent(new Event("controllerchange"));
  expect(seen.reloads).toBe(1);
});
