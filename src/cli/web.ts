/**
 * Models and images from the web on the command line: `hub:OWNER/NAME`, `hub-dataset:OWNER/NAME` or an https URL in the
 * place of a path. The environment gives a token for private repositories (HF_TOKEN) and another hub (HF_ENDPOINT), as
 * the hub's own tools have it.
 */
import type { GivenFiles, Sources } from "../session/inputs/sources";
import type { Recipe } from "../session/recipe/recipe";
import { HUB, hostOf, isWebAddress, parseAddress } from "../session/web/address";
import { fetchFiles, givenFiles } from "../session/web/fetch";
import type { WebProgress } from "../session/web/http";
import { readGiven, readGivenModel } from "./files";
import { defaultCacheFolder, folderStore } from "./web-folder";

export interface WebOptions {
  /** Where fetched files are kept; the user's folder for caches without it. */
  readonly webCache?: string;
}

/** Images that are fetched where neither address nor options say how many. */
const ROWS = 1024;

/** A model: a file, a folder or an address. */
export function readModelInput(text: string, options: WebOptions): Promise<GivenFiles> {
  return isWebAddress(text) ? fetchInput(text, options, ROWS) : readGivenModel(text);
}

/** Images: a file, a folder or an address. @param images how many of them are wanted, as far as that is known */
export function readImagesInput(text: string, options: WebOptions, images: number = ROWS): Promise<GivenFiles> {
  return isWebAddress(text) ? fetchInput(text, options, images) : readGiven(text);
}

async function fetchInput(text: string, options: WebOptions, images: number): Promise<GivenFiles> {
  const hub = (process.env.HF_ENDPOINT || HUB).replace(/\/+$/, "");
  const address = parseAddress(text, { hub, origin: null, bare: null });
  const store = await folderStore(options.webCache ?? defaultCacheFolder());
  const controller = new AbortController();
  const abort = () => controller.abort();
  const line = new ProgressLine(process.stderr);
  process.once("SIGINT", abort);
  console.error(`From the web: asks ${hostOf(address, hub)} for ${text}; what is fetched is kept in ${store.place}.`);
  try {
    const entry = await fetchFiles(address, images, null, {
      ...{ hub, origin: null, store, signal: controller.signal },
      token: process.env.HF_TOKEN || null,
      onProgress: (progress) => line.draw(progress),
    });
    line.clear();
    for (const note of entry.notes) console.error(`Note: ${note}`);
    return givenFiles(entry, store);
  } finally {
    line.clear();
    process.off("SIGINT", abort);
  }
}

/** The recipe with names and addresses of what was fetched for it. */
export function withOrigins<R extends Pick<Recipe, "model" | "calibration" | "evaluation">>(recipe: R, sources: Sources): R {
  const named = <T extends Recipe["model"] | Recipe["calibration"] | null>(own: T, given: GivenFiles | null): T =>
    own && own.kind !== "builtin" && given && given.from !== undefined
      ? { ...own, name: given.name, ...(given.from === null ? {} : { from: given.from }) }
      : own;
  return {
    ...recipe,
    model: named(recipe.model, sources.model),
    calibration: named(recipe.calibration, sources.calibration),
    evaluation: named(recipe.evaluation, sources.evaluation),
  };
}

/** One line that tells how far a download is, where output is a terminal. */
class ProgressLine {
  private drawn = "";

  constructor(private readonly stream: NodeJS.WriteStream) {}

  draw({ text, received, total }: WebProgress): void {
    if (!this.stream.isTTY) return;
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    const line = `Fetching ${text}: ${megabytes(received)}${total === null ? "" : ` of ${megabytes(total)}`} MB`.slice(0, this.stream.columns || 80);
    if (line !== this.drawn) this.stream.write(`\r\x1b[K${line}`);
    this.drawn = line;
  }

  clear(): void {
    if (this.drawn) this.stream.write("\r\x1b[K");
    this.drawn = "";
  }
}
