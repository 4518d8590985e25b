/**
 * The page and its host: whether there are threads, and whether a newer version waits. The service worker (service-worker.ts) brings both;
 * here is decided what becomes of it:
 *
 * - A page that its host isolated has threads; the service worker is only for offline use, and starts when the page is at rest.
 * - One that is not isolated starts it at once and reloads itself, once, when it is there. It never does so when a person has touched
 *   the page, nor a second time in the same tab: then threads are offered by a button.
 * - A newer version is never taken by itself: a button takes it, not during a run. Other tabs then run on, from what is kept of the version
 *   before, and offer their own button.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { ownScript } from "../../base/trusted";
import type { ToServiceWorker } from "./service-worker";

export interface HostState {
  /** `coming` before the page reloads itself; `offered` when a reload would bring threads; else why there are none. */
  readonly threads: "here" | "coming" | "offered" | "insecure" | "embedded" | "refused";
  /** Whether a newer version of the lab waits. */
  readonly update: boolean;
}

/** What the decisions rest on, of browser and page. */
export interface HostPlace {
  readonly isolated: boolean;
  readonly embedded: boolean;
  /** Undefined where the browser has none: in a page that is not secure, or in some private windows. */
  readonly container: ServiceWorkerContainer | undefined;
  /** The session storage, where reloads are remembered; null where it is refused. */
  readonly memory: Pick<Storage, "getItem" | "setItem"> | null;
  /** Whether a person has touched the page, or something runs. */
  isTouched(): boolean;
  reload(): void;
}

export interface Host {
  readonly state: StoreApi<HostState>;
  /** Starts the service worker and follows it. */
  start(script: URL): Promise<void>;
  /** Takes the newer version, or the threads that are offered: by a reload, which a person asked for. */
  accept(): void;
}

const RELOADED = "brecq-lab-reloaded";
/** Milliseconds between two looks for a newer version. */
const HOUR = 3_600_000;

export function createHost(place: HostPlace): Host {
  const state = createStore<HostState>(() => ({ threads: place.isolated ? "here" : "coming", update: false }));
  const { container } = place;
  let waiting: ServiceWorker | null = null;
  const say = (worker: ServiceWorker | null, message: ToServiceWorker) => worker?.postMessage(message);

  function follow(registration: ServiceWorkerRegistration): void {
    const look = () => {
      // The first one of all is no update.
      if (!registration.waiting || !registration.active) return;
      waiting = registration.waiting;
      state.setState({ update: true });
    };
    look();
    registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
    // Another tab took it.
    if (container?.controller) container.addEventListener("controllerchange", () => state.setState({ update: true }));
    setInterval(() => void registration.update().catch(() => undefined), HOUR);
  }

  function mayReload(): boolean {
    if (!place.memory || place.isTouched() || place.memory.getItem(RELOADED)) return false;
    place.memory.setItem(RELOADED, "1");
    return true;
  }

  async function start(script: URL): Promise<void> {
    if (!container) {
      if (!place.isolated) state.setState({ threads: "insecure" });
      return;
    }
    // It came through the service worker already, and is not isolated all the same: another reload would not help.
    const through = container.controller !== null;
    try {
      const registration = await container.register(ownScript(script.href), { updateViaCache: "none" });
      follow(registration);
      const active = (await container.ready).active;
      if (place.isolated) return say(active, "keep");
      if (place.embedded) return state.setState({ threads: "embedded" });
      if (through) return state.setState({ threads: "refused" });
      if (mayReload()) return place.reload();
      state.setState({ threads: "offered" });
      say(active, "keep");
    } catch {
      if (!place.isolated) state.setState({ threads: "refused" });
    }
  }

  function accept(): void {
    if (waiting?.state !== "installed" || !container) return place.reload();
    container.addEventListener("controllerchange", () => place.reload(), { once: true });
    say(waiting, "takeOver");
  }

  return { state, start, accept };
}
