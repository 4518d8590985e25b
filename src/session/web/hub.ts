/**
 * The Hugging Face Hub: what a repository holds at a revision, and where its files are served. One request lists all
 * files with their sizes and, for those in Git LFS, their SHA-256; the commit that it names pins the rest.
 * Source: the hub's OpenAPI description (https://huggingface.co/.well-known/openapi.json), /api/{models,datasets}/{id}/revision/{revision}.
 */

import { BadInput } from "../../base/errors";
import { z } from "../../base/zod";
import { type HubAddress, isSafePath } from "./address";
import { ask, type WebAccess, whole } from "./http";

export interface HubFile {
  readonly path: string;
  /** Null where the hub does not say. */
  readonly size: number | null;
  readonly sha256: string | null;
}

export interface Repository {
  readonly commit: string;
  readonly files: readonly HubFile[];
}

/** The branch to which the hub converts data sets. */
export const CONVERTED = "refs/convert/parquet";

/** Bytes of a listing; those of the largest repositories take some megabytes. */
const MOST_LISTING = 64 * 2 ** 20;

const schema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z
    .array(
      z.object({
        rfilename: z.string(),
        size: z.number().min(0).nullish(),
        // `sha256` here, `oid` in the listing of a folder.
        lfs: z.object({ sha256: z.string().optional(), oid: z.string().optional() }).nullish(),
      }),
    )
    .default([]),
});

/** @throws BadInput where there is no such repository or revision, or it asks for a token or an accepted licence */
export async function readRepository(address: HubAddress, access: WebAccess): Promise<Repository> {
  const { repository, id, revision } = address;
  const url = `${access.hub}/api/${repository}s/${id}${revision === null ? "" : `/revision/${encodeURIComponent(revision)}`}?blobs=true`;
  const what = `the ${repository === "model" ? "model" : "data set"} ${id}`;
  access.onProgress({ text: `the list of files of ${id}`, received: 0, total: null });
  const bytes = await whole(await ask(url, what, access), MOST_LISTING, `The list of files of ${id}`);
  const { host } = new URL(access.hub);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new BadInput(`${host} did not answer with a list of files for ${id}; check that ${access.hub} is a Hugging Face Hub.`);
  }
  const result = schema.safeParse(value);
  if (!result.success)
    throw new BadInput(
      `${host} answered with a list of files for ${id} in another form than the lab knows (${result.error.issues[0]?.path.join(".")}).`,
    );
  const files = result.data.siblings.filter(({ rfilename }) => isSafePath(rfilename));
  return {
    commit: result.data.sha,
    files: files.map(({ rfilename, size, lfs }) => {
      const sha256 = lfs?.sha256 ?? lfs?.oid ?? "";
      return { path: rfilename, size: size ?? null, sha256: /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null };
    }),
  };
}

/** Where a file of a repository is served. */
export function fileUrl(hub: string, { repository, id }: HubAddress, commit: string, path: string): string {
  return `${hub}/${repository === "dataset" ? "datasets/" : ""}${id}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** What can be picked in a repository. */
export interface Choice {
  readonly path: string;
  /** Bytes with what belongs to it; null where the hub does not say. */
  readonly size: number | null;
}

/** The models of a repository: .onnx files and TF.js model.json, the shallow and short paths first. */
export function modelChoices(files: readonly HubFile[]): Choice[] {
  return files
    .filter(({ path }) => /\.onnx$/i.test(path) || /(^|\/)model\.json$/.test(path))
    .map(({ path }) => {
      // By the names that exporters give external data and shards: an estimate for the list, the file itself says what it needs.
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      const belongs = path.endsWith(".json")
        ? (other: string) => other.startsWith(folder) && /shard\d+of\d+(\.bin)?$/.test(other)
        : (other: string) => other.startsWith(`${path}_data`) || other.startsWith(`${path}.data`);
      return { path, size: sum(files.filter((file) => file.path === path || belongs(file.path))) };
    })
    .sort((a, b) => a.path.split("/").length - b.path.split("/").length || a.path.length - b.path.length || (a.path < b.path ? -1 : 1));
}

/**
 * The split that a Parquet file is a part of: its folder in the hub's conversion (CONFIG/SPLIT/0000.parquet), what stands
 * before the count in the layout of `datasets` (data/train-00000-of-00002.parquet), else the file itself.
 */
export function splitOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (/^\d+\.parquet$/.test(name) && path.includes("/")) return path.slice(0, -name.length - 1);
  return path.replace(/-\d{5}-of-\d{5}(-[0-9a-f]+)?\.parquet$/, "");
}

/** The Parquet files of one split, in the order of their rows. */
export function filesOfSplit(files: readonly HubFile[], split: string): HubFile[] {
  return files.filter(({ path }) => path.endsWith(".parquet") && splitOf(path) === split).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The splits of a data set. */
export function datasetChoices(files: readonly HubFile[]): Choice[] {
  const splits = new Set(files.flatMap(({ path }) => (path.endsWith(".parquet") ? [splitOf(path)] : [])));
  return [...splits].sort().map((path) => ({ path, size: sum(filesOfSplit(files, path)) }));
}

function sum(files: readonly HubFile[]): number | null {
  return files.reduce<number | null>((total, { size }) => (total === null || size === null ? null : total + size), 0);
}
