/**
 * What a person goes through to fetch from the web, as state: typing an address, being told which host will be asked,
 * picking among what it has, waiting. No host is asked before the step `confirm` was answered.
 */
import { useEffect, useRef, useState } from "react";
import { BadInput, Cancelled } from "../../base/errors";
import type { FileRole } from "../../session/inputs/sources";
import { HUB, hostOf, parseAddress, type WebAddress } from "../../session/web/address";
import { browserStore } from "../../session/web/browser-store";
import { fetchFiles, lookUp, type Picked } from "../../session/web/fetch";
import type { WebAccess, WebProgress } from "../../session/web/http";
import { deleteEntry, type KeptEntry, type WebStore } from "../../session/web/store";
import { sentOf } from "../recipe/kept-files";
import { useLab } from "../state/react";

export type Step =
  | { readonly kind: "typing" }
  | { readonly kind: "confirm"; readonly address: WebAddress; readonly host: string }
  | { readonly kind: "picking"; readonly choices: readonly Picked[]; readonly host: string }
  | { readonly kind: "waiting"; readonly host: string; readonly progress: WebProgress | null };

export interface WebSteps {
  readonly step: Step;
  readonly error: string | null;
  readonly notes: readonly string[];
  /** Fetched before, for this use, newest first. */
  readonly kept: readonly KeptEntry[];
  /** Where they are kept, as a person calls it; empty until that is known. */
  readonly place: string;
  type(text: string): void;
  /** Asks the confirmed host for what it has, or for the one file that the address names. */
  ask(address: WebAddress, settings: Settings): void;
  pick(picked: Picked, settings: Settings): void;
  /** Fetches what a recipe names. @param expected its hash in the recipe, or null */
  fetchOffered(address: WebAddress, expected: string | null, settings: Settings): void;
  use(entry: KeptEntry): void;
  remove(entry: KeptEntry): void;
  /** Back to typing; stops what is being fetched. */
  cancel(): void;
}

export interface Settings {
  /** Only for this request: it is kept nowhere. */
  readonly token: string;
  /** How many images, where the address does not say. */
  readonly rows: number;
}

/** Images that are fetched where nothing else is said. */
export const ROWS = 1024;

/** Milliseconds between two drawings of a download's progress, which comes with every part. */
const REDRAW = 100;

/** What a field's text means, among models or among images. */
function readAddress(text: string, role: FileRole): WebAddress {
  return parseAddress(text, { hub: HUB, origin: location.origin, bare: role === "model" ? "model" : "dataset" });
}

export function useWebSteps(role: FileRole): WebSteps {
  const choose = useLab((lab) => lab.choose);
  const [step, setStep] = useState<Step>({ kind: "typing" });
  const [error, setError] = useState<string | null>(null);
  const [notes, setNotes] = useState<readonly string[]>([]);
  const [opening] = useState(browserStore);
  const [place, setPlace] = useState("");
  const [kept, setKept] = useState<readonly KeptEntry[]>([]);
  const running = useRef<AbortController | null>(null);

  const list = async () => {
    const store = await opening;
    const use = role === "model" ? "model" : "images";
    setPlace(store.place);
    setKept((await store.entries()).filter((entry) => entry.use === use).sort((a, b) => b.at - a.at));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once; the list is renewed where it changes
  useEffect(() => {
    void list();
    return () => running.current?.abort();
  }, []);

  /** Does something with the store and tells its errors here. */
  const attempt = async (work: (store: WebStore) => Promise<Step>) => {
    setError(null);
    setNotes([]);
    try {
      setStep(await work(await opening));
    } catch (failure) {
      if (failure instanceof Cancelled) return;
      setStep({ kind: "typing" });
      setError(messageOf(failure));
    } finally {
      await list();
    }
  };
  /** The same with a host, until it is done or stopped. */
  const request = (host: string, settings: Settings, work: (access: WebAccess) => Promise<Step>) =>
    attempt(async (store) => {
      const controller = new AbortController();
      running.current = controller;
      setStep({ kind: "waiting", host, progress: null });
      let drawn = 0;
      const next = await work({
        ...{ hub: HUB, origin: location.origin, store, signal: controller.signal },
        token: settings.token.trim() || null,
        onProgress(progress) {
          if (Date.now() - drawn < REDRAW && progress.received !== progress.total) return;
          drawn = Date.now();
          setStep((now) => (now.kind === "waiting" ? { ...now, progress } : now));
        },
      });
      if (controller.signal.aborted) throw new Cancelled();
      return next;
    });
  const take = async (entry: KeptEntry, store: WebStore): Promise<Step> => {
    choose(role, await sentOf(entry, store), entry.from);
    setNotes(entry.notes);
    return { kind: "typing" };
  };
  const fetchOne = (address: WebAddress, expected: string | null, settings: Settings) =>
    void request(hostOf(address, HUB), settings, async (access) => take(await fetchFiles(address, settings.rows, expected, access), access.store));

  return {
    ...{ step, error, notes, kept, place },
    type(text) {
      void attempt(async () => {
        const address = readAddress(text, role);
        return { kind: "confirm", address, host: hostOf(address, HUB) };
      });
    },
    ask(address, settings) {
      const host = hostOf(address, HUB);
      void request(host, settings, async (access) => {
        const choices = await lookUp(address, access);
        if (choices.length > 1) return { kind: "picking", choices, host };
        return take(await fetchFiles(address, settings.rows, null, access), access.store);
      });
    },
    pick: ({ address }, settings) => fetchOne(address, null, settings),
    fetchOffered: fetchOne,
    use: (entry) => void attempt((store) => take(entry, store)),
    remove(entry) {
      void attempt(async (store) => {
        await deleteEntry(store, entry);
        return { kind: "typing" };
      });
    },
    cancel() {
      running.current?.abort();
      setStep({ kind: "typing" });
    },
  };
}

function messageOf(failure: unknown): string {
  if (failure instanceof BadInput) return failure.message;
  return `Fetching failed: ${failure instanceof Error ? failure.message : failure}`;
}
