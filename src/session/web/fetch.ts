/**
 * From an address to files: what can be picked there, and the files themselves, from the store where it has them. A
 * branch is looked up each time, so that what is fetched is pinned to a commit; where the host cannot be reached, what it
 * gave last is taken, and said.
 */
import { BadInput } from "../../base/errors";
import { nameOf } from "../../data/files";
import { hashBytes } from "../inputs/hash";
import type { GivenFiles } from "../inputs/sources";
import { formatAddress, type HubAddress, hostOf, isCommit, publicAddress, type UrlAddress, type WebAddress } from "./address";
import { companionsOf } from "./companions";
import { download, MOST_BYTES, type Wanted } from "./download";
import { NotThere, Unreachable, type WebAccess } from "./http";
import { type Choice, CONVERTED, datasetChoices, filesOfSplit, fileUrl, type HubFile, modelChoices, type Repository, readRepository } from "./hub";
import { deleteUnneeded, findEntry, type KeptEntry, type KeptFile, keepEntry, keyOf, type WebStore } from "./store";

/** Bytes of a model.json: the topology alone, also of the largest networks. */
const MOST_JSON = 64 * 2 ** 20;

export interface Picked {
  readonly address: WebAddress;
  /** What the person calls it. */
  readonly title: string;
  /** Bytes; null where it is not known. */
  readonly size: number | null;
}

/** What can be picked at an address. Nothing is asked where it names one file. */
export async function lookUp(address: WebAddress, access: WebAccess): Promise<Picked[]> {
  if (address.kind === "url" || address.path !== null) return [{ address, title: titleOf(address), size: null }];
  const repository = await repositoryOf(address, access);
  return choicesOf(address, repository).map(({ path, size }) => ({ address: { ...address, revision: repository.commit, path }, title: path, size }));
}

/**
 * The files of an address: fetched, or kept from before.
 * @param rows how many images are wanted where the address does not say
 * @param expected the hash that a recipe has for it, or null; what is kept with this hash needs no host
 * @throws BadInput where there is no such thing or more than one; Unreachable; Cancelled
 */
export async function fetchFiles(address: WebAddress, rows: number, expected: string | null, access: WebAccess): Promise<KeptEntry> {
  const asked = address.kind === "hub" && address.repository === "dataset" ? { ...address, rows: address.rows ?? ([0, rows] as const) } : address;
  const kept = await findEntry(access.store, asked);
  if (kept && (isPinned(asked) || (expected !== null && kept.files.length === 1 && kept.files[0]?.sha256 === expected))) return kept;
  let entry: KeptEntry;
  try {
    entry = asked.kind === "url" ? await fetchUrl(asked, kept, expected, access) : await fetchFromHub(asked, access);
  } catch (error) {
    if (!kept || !(error instanceof Unreachable)) throw error;
    const date = new Date(kept.at).toISOString().slice(0, 10);
    return { ...kept, notes: [...kept.notes, `${kept.host} could not be reached; ${kept.name} is taken as it was fetched on ${date}.`] };
  }
  const key = await keyOf(asked);
  await keepEntry(access.store, { ...entry, others: key === entry.key ? entry.others : [...entry.others, key] });
  return entry;
}

/** Files that are kept, to be read when they are needed. */
export function givenFiles(entry: KeptEntry, store: WebStore): GivenFiles {
  return {
    name: entry.name,
    from: entry.from,
    read: () =>
      Promise.all(
        entry.files.map(async ({ path, sha256 }) => {
          const content = await store.get(sha256);
          if (!content) throw new BadInput(`${path} is no longer in ${store.place}; fetch it again.`);
          return { path, bytes: await content.bytes() };
        }),
      ),
  };
}

/** Whether an address always gives the same. */
function isPinned(address: WebAddress): boolean {
  return address.kind === "hub" && isCommit(address.revision) && address.path !== null;
}

function titleOf(address: WebAddress): string {
  if (address.kind === "url") return nameOf(decodeURI(new URL(address.url).pathname)) || new URL(address.url).host;
  const rows = address.rows ? `[${address.rows[0] || ""}:${address.rows[1]}]` : "";
  return `${nameOf(address.id)}${address.path === null ? "" : `/${address.path}`}${rows}`;
}

async function newEntry(address: WebAddress, access: WebAccess, rest: Pick<KeptEntry, "use" | "files" | "validator" | "notes">): Promise<KeptEntry> {
  return {
    key: await keyOf(address),
    others: [],
    from: publicAddress(address),
    host: hostOf(address, access.hub),
    name: titleOf(address),
    at: Date.now(),
    ...rest,
  };
}

async function fetchUrl(address: UrlAddress, kept: KeptEntry | null, expected: string | null, access: WebAccess): Promise<KeptEntry> {
  const path = titleOf(address);
  const { host } = new URL(address.url);
  const mismatch = `it is not the file that the recipe was made with, of which ${host} may have another version by now; ask whoever shared the recipe for the file`;
  const main: Wanted = { url: address.url, path, size: null, sha256: null, mismatch };
  // A recipe's hash is that of a file alone, not of a model of several.
  const companion = (below: string): Wanted => {
    const url = new URL(below.split("/").map(encodeURIComponent).join("/"), address.url);
    return { ...main, url: url.href, path: below };
  };
  // A recipe's hash is that of a file alone, not of a model of several.
  const wanted = path.endsWith(".json") ? main : { ...main, sha256: expected };
  const found = await downloadAll(wanted, companion, access, kept?.validator ?? null);
  if (!found) return kept as KeptEntry;
  const use = /\.(onnx|json)$/i.test(path) ? "model" : "images";
  return newEntry(address, access, { use, ...found, notes: [] });
}

async function fetchFromHub(asked: HubAddress, access: WebAccess): Promise<KeptEntry> {
  const repository = await repositoryOf(asked, access);
  const choice = pick(asked, choicesOf(asked, repository), repository);
  const address: HubAddress = { ...asked, revision: repository.commit, path: choice.path };
  const kept = await findEntry(access.store, address);
  if (kept) return kept;
  const fetched = asked.repository === "model" ? fetchModel(address, repository, access) : fetchImages(address, repository, access);
  return newEntry(address, access, { validator: null, ...(await fetched) });
}

async function repositoryOf(address: HubAddress, access: WebAccess): Promise<Repository> {
  if (address.repository === "model" || address.revision !== null || address.path?.endsWith(".parquet")) return readRepository(address, access);
  try {
    return await readRepository({ ...address, revision: CONVERTED }, access);
  } catch (error) {
    // Not every data set is converted; some are stored as Parquet themselves.
    if (error instanceof NotThere) return readRepository(address, access);
    throw error;
  }
}

function choicesOf({ repository }: HubAddress, { files }: Repository): Choice[] {
  return repository === "model" ? modelChoices(files) : datasetChoices(files);
}

/** The one that an address names, or the only one. */
function pick(address: HubAddress, choices: readonly Choice[], { files }: Repository): Choice {
  const { id, path, repository } = address;
  const kind = repository === "model" ? "ONNX files or TF.js models" : "splits stored as Parquet";
  const listed = choices.slice(0, 12).map((choice) => choice.path);
  const list = `${listed.join(", ")}${choices.length > listed.length ? `, and ${choices.length - listed.length} more` : ""}`;
  if (choices.length === 0)
    throw new BadInput(
      `${id} holds no ${kind} (it has ${files.length} files${files.some((file) => /\.(safetensors|bin|pth?)$/.test(file.path)) ? ", among them weights without a network, which the lab cannot read" : ""}); ${repository === "model" ? "choose a repository with an ONNX export, for example one of onnx-community" : "choose a data set of images"}.`,
    );
  if (path === null) {
    if (choices.length > 1)
      throw new BadInput(`${id} holds ${choices.length} ${kind}: ${list}; name one: ${formatAddress({ ...address, path: listed[0] as string })}.`);
    return choices[0] as Choice;
  }
  const own = choices.find((choice) => choice.path === path);
  const [short, ...more] = repository === "dataset" ? choices.filter((choice) => nameOf(choice.path) === path) : [];
  const part = files.find((file) => file.path === path && path.endsWith(".parquet"));
  const found = own ?? (short && more.length === 0 ? short : undefined) ?? part;
  if (!found) throw new BadInput(`${id} has no ${path}; its ${kind} are ${list}.`);
  return found;
}

const MISMATCH = "it was changed or damaged on the way from the hub, whose list of files says otherwise; try again";

async function fetchModel(
  address: HubAddress,
  { files, commit }: Repository,
  access: WebAccess,
): Promise<Pick<KeptEntry, "use" | "files" | "notes">> {
  const path = address.path as string;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const wanted = (below: string): Wanted => {
    const file = files.find((one) => one.path === folder + below);
    if (!file) throw new BadInput(`${path} of ${address.id} needs the file ${below} beside it, which the repository does not have; choose another.`);
    return { ...file, url: fileUrl(access.hub, address, commit, file.path), path: below, mismatch: MISMATCH };
  };
  const found = await downloadAll(wanted(nameOf(path)), wanted, access, null);
  return { use: "model", files: found?.files ?? [], notes: [] };
}

async function fetchImages(
  address: HubAddress,
  { files, commit }: Repository,
  access: WebAccess,
): Promise<Pick<KeptEntry, "use" | "files" | "notes">> {
  const path = address.path as string;
  const [first, end] = address.rows as readonly [number, number];
  const parts = path.endsWith(".parquet") ? files.filter((file) => file.path === path) : filesOfSplit(files, path);
  const what = `${nameOf(address.id)}/${path}`;
  const sized = parts.map((file: HubFile) => {
    if (file.size === null) throw new BadInput(`The hub does not say how large ${file.path} of ${address.id} is; choose another file.`);
    return { path: file.path, size: file.size, url: fileUrl(access.hub, address, commit, file.path) };
  });
  const { readImageRows } = await import("./parquet");
  const { zip, notes } = await readImageRows(sized, [first, end], what, access);
  const sha256 = await hashBytes(zip);
  await access.store.put(once(zip), () => sha256);
  const name = `${what.replaceAll("/", "-").replace(/\.parquet$/, "")}-${first}-${end}.zip`;
  return { use: "images", files: [{ path: name, sha256, size: zip.length }], notes };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * A main file and what it names, or nothing of it; null where the main file has not changed.
 * @param companion where a file lies that the main file names by its path
 */
async function downloadAll(
  main: Wanted,
  companion: (path: string) => Wanted,
  access: WebAccess,
  known: string | null,
): Promise<Pick<KeptEntry, "files" | "validator"> | null> {
  const files: KeptFile[] = [];
  try {
    const found = await download(main, access, known);
    if (!found) return null;
    files.push(found.file);
    for (const path of await companions(found.file, access)) {
      const more = await download(companion(path), access);
      if (more) files.push(more.file);
      if (files.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES)
        throw new BadInput(`${main.path} and what belongs to it have more than the ${MOST_BYTES} bytes that the lab fetches for a model.`);
    }
    return { files, validator: found.validator };
  } catch (error) {
    await deleteUnneeded(access.store, files);
    throw error;
  }
}

async function companions(main: KeptFile, { store }: WebAccess): Promise<string[]> {
  if (!/\.(onnx|json)$/i.test(main.path)) return [];
  if (/\.json$/i.test(main.path) && main.size > MOST_JSON)
    throw new BadInput(
      `${main.path} has ${main.size} bytes; a TF.js model.json, which lists weights but does not hold them, has at most ${MOST_JSON}.`,
    );
  const content = await store.get(main.sha256);
  return content ? companionsOf(await content.bytes(), main.path) : [];
}
