/** Requests to a host that a person named: https only, no cookies, and every failure as a sentence on what to do. */
import { BadInput, Cancelled } from "../../base/errors";
import { checkUrl } from "./address";
import type { WebStore } from "./store";

export interface WebProgress {
  /** What is being fetched. */
  readonly text: string;
  /** Bytes so far, and all; null where the host does not say. */
  readonly received: number;
  readonly total: number | null;
}

/** What fetching needs of its surroundings. */
export interface WebAccess {
  /** Where the Hugging Face Hub answers. */
  readonly hub: string;
  /** The page's own origin, which may be asked without https; null outside a page. */
  readonly origin: string | null;
  /** For private and gated repositories: sent to the hub alone, never stored. */
  readonly token: string | null;
  readonly store: WebStore;
  readonly signal: AbortSignal;
  onProgress(progress: WebProgress): void;
}

/** A host did not answer, or is out of order: what was fetched before may do instead. */
export class Unreachable extends BadInput {
  override name = "Unreachable";
}

/** The host answers, and has nothing of this name. */
export class NotThere extends BadInput {
  override name = "NotThere";
}

/** Milliseconds without a byte after which a host counts as silent. */
const SILENCE = 60_000;

/** A response whose body is read part by part, with an end to its silence. */
export interface Answer {
  readonly headers: Headers;
  /** @throws BadInput where the connection breaks, Cancelled where the person stopped it */
  parts(): AsyncGenerator<Uint8Array>;
  /** Drops the body. */
  drop(): void;
}

/**
 * Asks for a URL. Redirects are followed; they must keep to https, and the token does not go with them to other hosts.
 * @param what the file, as a person calls it
 * @param range bytes from the first to the one before `end`
 */
export async function ask(url: string, what: string, access: WebAccess, range: readonly [first: number, end: number] | null = null): Promise<Answer> {
  const { host, origin } = new URL(url);
  checkUrl(new URL(url), access.origin);
  if (access.signal.aborted) throw new Cancelled();
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE);
  const signal = AbortSignal.any([access.signal, silence.signal]);
  const headers: Record<string, string> = {};
  if (access.token && origin === new URL(access.hub).origin) headers.authorization = `Bearer ${access.token}`;
  if (range) headers.range = `bytes=${range[0]}-${range[1] - 1}`;
  let response: Response;
  try {
    // The store keeps what is fetched; a browser's own cache would keep it twice, and might answer with an old version.
    response = await fetch(url, { headers, signal, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
  } catch {
    clearTimeout(timer);
    if (access.signal.aborted) throw new Cancelled();
    throw new Unreachable(
      silence.signal.aborted
        ? `${host} did not answer within ${SILENCE / 1000} seconds; try again later.`
        : `${host} cannot be reached for ${what}: there is no connection, the name is wrong, or the host does not allow other sites' pages to read its files (CORS); check the address, or download the file yourself and choose it.`,
    );
  }
  const drop = () => {
    clearTimeout(timer);
    silence.abort();
  };
  try {
    const last = new URL(response.url || url);
    checkUrl(last, access.origin);
    if (url.startsWith("https:") && last.protocol !== "https:")
      throw new BadInput(`${host} passes the request for ${what} on to ${last.host} without https; that is not followed.`);
    checkStatus(response, host, what, access);
    if (range && response.status !== 206)
      throw new BadInput(`${host} does not serve parts of ${what} (HTTP range requests); download the file yourself and choose it.`);
  } catch (error) {
    drop();
    throw error;
  }
  async function* parts(): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader();
    try {
      while (reader) {
        const { done, value } = await reader.read();
        clearTimeout(timer);
        if (done) return;
        yield value;
        timer = setTimeout(() => silence.abort(), SILENCE);
      }
    } catch (error) {
      if (error instanceof BadInput) throw error;
      if (access.signal.aborted) throw new Cancelled();
      throw new Unreachable(`The connection to ${host} broke off before ${what} was complete; try again.`);
    } finally {
      drop();
    }
  }
  return { headers: response.headers, parts, drop };
}

function checkStatus({ ok, status, headers }: Response, host: string, what: string, access: WebAccess): void {
  if (ok) return;
  const code = headers.get("x-error-code");
  const token = access.token
    ? "the access token that was given does not open it: check that it is valid and may read this repository"
    : "it needs an access token";
  if (code === "GatedRepo")
    throw new BadInput(
      `${what} is gated on ${host}: accept its licence on its page there while logged in${access.token ? ", with the account of the access token that was given" : ", then give an access token of that account"}.`,
    );
  // The hub answers 401 for repositories that do not exist, too, so as not to tell which private ones do.
  if (status === 401 || status === 403)
    throw new BadInput(`${host} does not give ${what} (${status}): it does not exist under this name, or is private, and then ${token}.`);
  if (status === 404 || status === 410)
    throw new NotThere(
      code === "RevisionNotFound"
        ? `${host} has no such revision of ${what}; check the branch, tag or commit after the @.`
        : `${host} has no ${what} (${status}); check the address.`,
    );
  if (status === 429) throw new Unreachable(`${host} limits how often it is asked (429); wait some minutes and try again.`);
  if (status >= 500) throw new Unreachable(`${host} is out of order at the moment (${status}); try again later.`);
  throw new BadInput(`${host} refuses to give ${what} (${status}); check the address.`);
}

/** A body as one array. @throws BadInput where it is larger than `most` bytes */
export async function whole(answer: Answer, most: number, what: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.parts()) {
    length += part.length;
    if (length > most) throw new BadInput(`${what} is larger than the ${most} bytes that were expected; it is not what it should be.`);
    parts.push(part);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
