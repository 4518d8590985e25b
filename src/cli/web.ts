/** Models and images on the command line: by path or by address, with a word to the person about what is asked of whom. */
import { readImagesInput as readImages, readModelInput as readModel, type WebReading } from "../node/web";
import type { GivenFiles } from "../session/inputs/sources";
import type { WebProgress } from "../session/web/http";

export interface WebOptions {
  /** Where fetched files are kept; the user's folder for caches without it. */
  readonly webCache?: string;
}

export function readModelInput(text: string, options: WebOptions): Promise<GivenFiles> {
  return told(options, (reading) => readModel(text, reading));
}

/** @param images how many of them are wanted, as far as that is known */
export function readImagesInput(text: string, options: WebOptions, images?: number): Promise<GivenFiles> {
  return told(options, (reading) => readImages(text, reading, images));
}

/** Reads, telling on standard error what is fetched; an interrupt stops it. */
async function told(options: WebOptions, read: (reading: WebReading) => Promise<GivenFiles>): Promise<GivenFiles> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const line = new ProgressLine(process.stderr);
  process.once("SIGINT", abort);
  try {
    return await read({
      folder: options.webCache,
      signal: controller.signal,
      asking: (host, text, place) => console.error(`From the web: asks ${host} for ${text}; what is fetched is kept in ${place}.`),
      onProgress: (progress) => line.draw(progress),
      note(text) {
        line.clear();
        console.error(`Note: ${text}`);
      },
    });
  } finally {
    line.clear();
    process.off("SIGINT", abort);
  }
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
