/**
 * Models and images from the web in Node: `hub:OWNER/NAME`, `hub-dataset:OWNER/NAME` or an https URL in the place of a path.
 * The environment gives a token for private repositories (HF_TOKEN) and another hub (HF_ENDPOINT), as the hub's own tools
 * have it.
 */
import type { GivenFiles } from "../session/inputs/sources";
import { HUB, hostOf, isWebAddress, parseAddress } from "../session/web/address";
import { fetchFiles, givenFiles } from "../session/web/fetch";
import type { WebProgress } from "../session/web/http";
import { readGiven, readGivenModel } from "./files";
import { defaultCacheFolder, folderStore } from "./web-folder";

export interface WebReading {
  /** Where fetched files are kept; the user's folder for caches without it. */
  readonly folder?: string | undefined;
  readonly signal: AbortSignal;
  /** Before the host is asked. */
  asking?(host: string, text: string, place: string): void;
  onProgress?(progress: WebProgress): void;
  /** A sentence on what was left out or taken for granted. */
  note?(text: string): void;
}

/** Images that are fetched where neither address nor options say how many. */
const ROWS = 1024;

/** A model: a file, a folder or an address. */
export function readModelInput(text: string, reading: WebReading): Promise<GivenFiles> {
  return isWebAddress(text) ? fetchInput(text, reading, ROWS) : readGivenModel(text);
}

/** Images: a file, a folder or an address. @param images how many of them are wanted, as far as that is known */
export function readImagesInput(text: string, reading: WebReading, images: number = ROWS): Promise<GivenFiles> {
  return isWebAddress(text) ? fetchInput(text, reading, images) : readGiven(text);
}

async function fetchInput(text: string, { folder, signal, asking, onProgress, note }: WebReading, images: number): Promise<GivenFiles> {
  const hub = (process.env.HF_ENDPOINT || HUB).replace(/\/+$/, "");
  const address = parseAddress(text, { hub, origin: null, bare: null });
  const store = await folderStore(folder ?? defaultCacheFolder());
  asking?.(hostOf(address, hub), text, store.place);
  const entry = await fetchFiles(address, images, null, {
    ...{ hub, origin: null, store, signal, token: process.env.HF_TOKEN || null },
    onProgress: (progress) => onProgress?.(progress),
  });
  for (const sentence of entry.notes) note?.(sentence);
  return givenFiles(entry, store);
}
