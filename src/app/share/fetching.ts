/** Fetching what a shared result was made with: no host is asked before the person clicked on a button that names it. */
import { useEffect, useRef, useState } from "react";
import { BadInput, Cancelled } from "../../base/errors";
import { HUB, hostOf, parseKept, type WebAddress } from "../../session/web/address";
import { sentOf } from "../recipe/kept-files";
import type { Needed } from "../state/opened";
import { useLab } from "../state/react";

/** What a recipe without a count takes of rows that its address leaves open. */
const ROWS = 1024;

export interface OnTheWeb {
  readonly address: WebAddress;
  readonly host: string;
}

/** Where the files lie; null where the recipe says no address. @throws BadInput where it is none that the lab asks: a link is a stranger's data */
export function onTheWeb({ files }: Needed): OnTheWeb | null {
  if (!files.from) return null;
  const address = parseKept(files.from, HUB, location.origin);
  return { address, host: hostOf(address, HUB) };
}

/** The same, without those that are not asked. */
export function hostNamed(needed: Needed): string | null {
  try {
    return onTheWeb(needed)?.host ?? null;
  } catch {
    return null;
  }
}

/** Why the address that a recipe gives is not asked; null where it gives none or it may be. */
export function whyNotAsked(needed: Needed): string | null {
  try {
    onTheWeb(needed);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export interface Fetching {
  /** What is being fetched at the moment. */
  readonly now: { readonly needed: Needed; readonly received: number; readonly total: number | null } | null;
  /** Fetches one after the other. @returns whether all came */
  fetch(all: readonly Needed[]): Promise<boolean>;
  stop(): void;
}

export function useFetching(): Fetching {
  const choose = useLab((lab) => lab.choose);
  const complain = useLab((lab) => lab.complain);
  const [now, setNow] = useState<Fetching["now"]>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  return {
    now,
    stop: () => running.current?.abort(),
    async fetch(all) {
      const controller = new AbortController();
      running.current = controller;
      try {
        const [{ browserStore }, { fetchFiles }] = await Promise.all([import("../../session/web/browser-store"), import("../../session/web/fetch")]);
        const store = await browserStore();
        for (const needed of all) {
          const place = onTheWeb(needed);
          if (!place) continue;
          setNow({ needed, received: 0, total: null });
          const rows = "count" in needed.files ? (needed.files.count ?? ROWS) : ROWS;
          const entry = await fetchFiles(place.address, rows, needed.files.sha256, {
            ...{ hub: HUB, origin: location.origin, store, signal: controller.signal, token: null },
            onProgress: ({ received, total }) => setNow({ needed, received, total }),
          });
          if (controller.signal.aborted) return false;
          choose(needed.role, await sentOf(entry, store), entry.from);
        }
        return true;
      } catch (error) {
        if (!(error instanceof Cancelled)) complain(error instanceof BadInput ? error.message : String(error));
        return false;
      } finally {
        setNow(null);
      }
    },
  };
}
