/**
 * One file from the web into the store: streamed, counted and hashed as it comes, and kept only if it is whole, is what
 * its host announced, and is no web page in the place of a file.
 */
import { BadInput } from "../../base/errors";
import { startHash } from "../inputs/hash";
import { type Answer, ask, Unreachable, type WebAccess } from "./http";
import type { KeptFile } from "./store";

/** Bytes of the largest file that is fetched. */
export const MOST_BYTES: number = 2 * 2 ** 30;

export interface Wanted {
  readonly url: string;
  /** Under which it is kept, below the model's folder. */
  readonly path: string;
  /** Bytes, where they are known beforehand. */
  readonly size: number | null;
  /** Its hash, where it is known beforehand. */
  readonly sha256: string | null;
  /** What it means, and what to do, where the content has another hash: the second half of a sentence. */
  readonly mismatch: string;
}

export interface Downloaded {
  readonly file: KeptFile;
  /** ETag or date of change. */
  readonly validator: string | null;
}

/**
 * @param known a validator: where the host's is the same, nothing is fetched and null is returned
 * @throws BadInput for what is no such file, Unreachable, Cancelled
 */
export async function download(wanted: Wanted, access: WebAccess, known: string | null = null): Promise<Downloaded | null> {
  const { path, sha256, size } = wanted;
  if (sha256) {
    const kept = await access.store.get(sha256);
    if (kept && (size === null || kept.size === size)) return { file: { path, sha256, size: kept.size }, validator: null };
  }
  checkSize(size, path);
  const answer = await ask(wanted.url, path, access);
  const validator = answer.headers.get("etag") ?? answer.headers.get("last-modified");
  if (known !== null && validator === known) {
    answer.drop();
    return null;
  }
  return { file: await keep(wanted, answer, access), validator };
}

function checkSize(size: number | null, path: string): void {
  if (size !== null && size > MOST_BYTES)
    throw new BadInput(`${path} has ${size} bytes, more than the ${MOST_BYTES} that the lab fetches; choose a smaller file.`);
}

async function keep({ path, url, size, sha256, mismatch }: Wanted, answer: Answer, access: WebAccess): Promise<KeptFile> {
  const { host } = new URL(url);
  const { headers } = answer;
  const announced = headers.has("content-encoding") ? null : Number(headers.get("content-length") ?? Number.NaN);
  const total = size ?? (Number.isInteger(announced) ? announced : null);
  const hash = await startHash();
  let received = 0;
  let digest = "";
  async function* counted(): AsyncGenerator<Uint8Array> {
    checkSize(total, path);
    if (/^text\/html/i.test(headers.get("content-type") ?? "")) throw noFile(path, host);
    for await (const part of answer.parts()) {
      if (received === 0) checkStart(part, path, host);
      received += part.length;
      checkSize(received, path);
      hash.update(part);
      access.onProgress({ text: path, received, total });
      yield part;
    }
  }
  const finish = () => {
    if (total !== null && received !== total) throw new Unreachable(`${path} broke off: ${host} gave ${received} of ${total} bytes; try again.`);
    if (received === 0) throw new BadInput(`${path} is empty on ${host}; check the address.`);
    digest = hash.digest("hex");
    if (sha256 && digest !== sha256)
      throw new BadInput(
        `${path} from ${host} has the sha256 ${digest.slice(0, 12)}… instead of ${sha256.slice(0, 12)}… and was not kept: ${mismatch}.`,
      );
    return digest;
  };
  try {
    await access.store.put(counted(), finish);
  } finally {
    answer.drop();
  }
  return { path, sha256: digest, size: received };
}

function noFile(path: string, host: string): BadInput {
  return new BadInput(
    `${host} answers with a web page instead of the file ${path}; use the address of the file itself, behind its "raw" or "download" link.`,
  );
}

/** Pages that come in the place of files, whatever type they claim. */
function checkStart(part: Uint8Array, path: string, host: string): void {
  const start = new TextDecoder("latin1").decode(part.subarray(0, 64)).trimStart().toLowerCase();
  if (start.startsWith("<!doctype html") || start.startsWith("<html")) throw noFile(path, host);
  if (start.startsWith("version https://git-lfs.github.com"))
    throw new BadInput(
      `${path} on ${host} is only the pointer to a file in Git LFS; use the address of the file itself, behind its "download" link.`,
    );
}
