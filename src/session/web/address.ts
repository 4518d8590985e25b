/**
 * Addresses of models and images on the web, as a person types them and as a recipe keeps them.
 *
 *   hub:OWNER/NAME[@REVISION][/PATH]                a file of a model repository on the Hugging Face Hub
 *   hub-dataset:OWNER/NAME[@REVISION][/PATH][[A:B]] rows A to B (without B) of images stored as Parquet; PATH is
 *                                                   CONFIG/SPLIT of the hub's own conversion, or a .parquet file
 *   https://...                                     any other file; pages of the hub are read as the two above
 *
 * A revision is a branch, a tag or a commit; its slashes are written %2F. The slice is written as the library `datasets`
 * writes one: [:1024], [100:200].
 */
import { BadInput } from "../../base/errors";

/** The public Hugging Face Hub. */
export const HUB = "https://huggingface.co";

export interface HubAddress {
  readonly kind: "hub";
  readonly repository: "model" | "dataset";
  /** OWNER/NAME, or NAME alone for the oldest repositories. */
  readonly id: string;
  /** Null for the default branch, or for the converted branch of a data set. */
  readonly revision: string | null;
  /** Null where it is to be chosen among what the repository holds. */
  readonly path: string | null;
  /** Of a data set: the first row, and the one after the last; null for as many as are wanted. */
  readonly rows: readonly [first: number, end: number] | null;
}

export interface UrlAddress {
  readonly kind: "url";
  readonly url: string;
}

export type WebAddress = HubAddress | UrlAddress;

/** Rows that may be asked for at once. */
const MOST_ROWS = 100_000;

const PREFIX = /^(hub|hub-dataset|https?):/;
const ID = /^[A-Za-z0-9][\w.-]{0,95}(\/[A-Za-z0-9][\w.-]{0,95})?$/;

/** Whether a text names something on the web rather than a file or a folder. */
export function isWebAddress(text: string): boolean {
  return PREFIX.test(text);
}

export interface AddressOptions {
  /** The hub that `hub:` means and whose pages are recognized. */
  readonly hub: string;
  /** The page's own origin, which may be asked without https; null outside a page. */
  readonly origin: string | null;
  /** What an id without a prefix names. */
  readonly bare: HubAddress["repository"] | null;
}

/** @throws BadInput that says what is wrong with the address and what one looks like */
export function parseAddress(text: string, options: AddressOptions): WebAddress {
  const typed = text.trim();
  const hub = /^(hub|hub-dataset):(.*)$/s.exec(typed);
  if (hub) return parseHub(hub[2] as string, hub[1] === "hub" ? "model" : "dataset", typed);
  if (/^[a-z][a-z0-9+.-]*:/i.test(typed)) return parseUrl(typed, options);
  if (options.bare && typed.includes("/")) return parseHub(typed.replace(/^datasets\//, ""), options.bare, typed);
  throw new BadInput(
    `"${typed}" is no address on the web; expected a Hugging Face id such as ${options.bare === "dataset" ? "hub-dataset:ylecun/mnist" : "hub:timm/resnet18.a1_in1k"}, or an https URL.`,
  );
}

function parseHub(rest: string, repository: HubAddress["repository"], typed: string): HubAddress {
  const parts = /^([^@/[\]]+(?:\/[^@/[\]]+)?)(?:@([^/[\]]+))?(?:\/([^[\]]+))?(\[[^[\]]*\])?$/.exec(rest);
  const [, id = "", revision, path, slice] = parts ?? [];
  if (!parts || !ID.test(id) || /\.\.|--/.test(id))
    throw new BadInput(
      `"${typed}" is no id of the Hugging Face Hub; expected OWNER/NAME, then if wanted @REVISION and /PATH, for example ${repository === "dataset" ? "hub-dataset:ylecun/mnist/mnist/train[:1024]" : "hub:timm/resnet18.a1_in1k@main/model.onnx"}.`,
    );
  if (slice && repository === "model") throw new BadInput(`"${typed}" asks for rows of a model; only hub-dataset: has rows.`);
  return {
    ...{ kind: "hub", repository, id },
    revision: revision === undefined ? null : decoded(revision, typed),
    path: path === undefined ? null : safePath(path, typed),
    rows: slice ? parseRows(slice, typed) : null,
  };
}

function parseRows(slice: string, typed: string): readonly [number, number] {
  const [, from = "", to = ""] = /^\[(\d*):(\d+)\]$/.exec(slice) ?? [];
  const [first, end] = [Number(from || 0), Number(to)];
  if (to === "" || end <= first || end - first > MOST_ROWS)
    throw new BadInput(`"${typed}" asks for the rows ${slice}; expected for example [:1024] or [100:200], at most ${MOST_ROWS} rows.`);
  return [first, end];
}

function decoded(text: string, typed: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadInput(`"${typed}" has a wrong percent sign; write a percent sign itself as %25.`);
  }
}

/** A path below a repository or a model's folder. @throws BadInput for one that leads out of it */
export function safePath(path: string, source: string): string {
  if (!isSafePath(path))
    throw new BadInput(`${source} names the path "${path.slice(0, 100)}", which is not one below its own folder; expected a relative path.`);
  return path;
}

export function isSafePath(path: string): boolean {
  const odd = Array.from(path).some((character) => character < " " || character === "\\" || character === "\u007f");
  return path.length <= 1000 && !odd && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function parseUrl(typed: string, { hub, origin }: AddressOptions): WebAddress {
  let url: URL;
  try {
    url = new URL(typed);
  } catch {
    throw new BadInput(`"${typed}" is no valid URL; expected for example https://example.com/model.onnx.`);
  }
  checkUrl(url, origin);
  url.hash = "";
  return (url.origin === new URL(hub).origin && parseHubPage(url, typed)) || { kind: "url", url: url.href };
}

/** https, or this machine, or the page's own origin; and no password in it. @throws BadInput */
export function checkUrl(url: URL, origin: string | null): void {
  const local = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && (local || url.origin === origin)))
    throw new BadInput(`${url.protocol}//${url.host} is not asked: files are fetched by https only; write the address with https://.`);
  if (url.username || url.password) throw new BadInput(`The address of ${url.host} holds a user name or a password; leave it out.`);
}

/** A page of the hub: a repository, or a file as it is shown (blob), served (resolve) or listed (tree). */
function parseHubPage(url: URL, typed: string): HubAddress | null {
  const parts = url.pathname.split("/").filter(Boolean);
  const repository = parts[0] === "datasets" ? "dataset" : "model";
  if (repository === "dataset") parts.shift();
  const [owner, name, verb, ...rest] = parts;
  if (!owner || !name || /^(api|docs|spaces|models)$/.test(owner)) return null;
  const address: HubAddress = { ...parseHub(`${owner}/${name}`, repository, typed) };
  if (!verb) return address;
  if (!/^(blob|resolve|tree|raw)$/.test(verb) || !rest[0]) return null;
  // Branches below refs/ have slashes of their own.
  const length = rest[0] === "refs" ? 3 : 1;
  const revision = decoded(rest.slice(0, length).join("/"), typed);
  const path = decoded(rest.slice(length).join("/"), typed);
  return { ...address, revision, path: path ? safePath(path, typed) : null };
}

/** The address as text; parsing it gives the same address. */
export function formatAddress(address: WebAddress): string {
  if (address.kind === "url") return address.url;
  const { repository, id, revision, path, rows } = address;
  const prefix = repository === "model" ? "hub" : "hub-dataset";
  const at = revision === null ? "" : `@${encodeURIComponent(revision)}`;
  return `${prefix}:${id}${at}${path === null ? "" : `/${path}`}${rows ? `[${rows[0] || ""}:${rows[1]}]` : ""}`;
}

/** The host that an address asks first. */
export function hostOf(address: WebAddress, hub: string): string {
  return new URL(address.kind === "url" ? address.url : hub).host;
}

/** Whether a revision is a commit, whose files never change. */
export function isCommit(revision: string | null): boolean {
  return revision !== null && /^[0-9a-f]{40}$/.test(revision);
}

/** What a recipe may keep of an address; null for a URL with a query, which may hold a token. */
export function publicAddress(address: WebAddress): string | null {
  return address.kind === "url" && new URL(address.url).search ? null : formatAddress(address);
}

/** A recipe's address. @throws BadInput */
export function parseKept(text: string, hub: string, origin: string | null): WebAddress {
  return parseAddress(text, { hub, origin, bare: null });
}
