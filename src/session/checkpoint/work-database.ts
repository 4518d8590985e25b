/**
 * Work that is under way in this browser, in IndexedDB: what was asked, the files that were given for it, and its checkpoints. Each write
 * is a transaction of its own, which is there whole or not at all. It stays until the work ends, so that after a reload, a crash or a closed
 * tab the page can offer to go on.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { FileRole } from "../inputs/sources";
import type { LastingJob, SentFiles } from "../worker/protocol";
import type { CheckpointPlace } from "./store";

export const WORK_DATABASE = "brecq-lab-work";
/** Of a record; records of another format are of another lab and left alone. */
export const WORK_FORMAT = 1 as const;

export interface KeptWork {
  readonly format: typeof WORK_FORMAT;
  readonly id: string;
  /** As it was asked. */
  readonly job: LastingJob;
  /** The files that were given; of a role whose files were too large to keep, their name alone. */
  readonly given: Partial<Readonly<Record<FileRole, SentFiles | { readonly name: string; readonly files: null }>>>;
  /** When it was begun and when something of it was kept last, in milliseconds since 1970. */
  readonly begun: number;
  readonly kept: number;
  /** Checkpoints that were written. */
  readonly checkpoints: number;
  /** How far it was: the unit that was kept last, and the iteration within it; null before the first one is. */
  readonly at: CheckpointPlace | null;
}

interface Schema extends DBSchema {
  readonly work: { readonly key: string; readonly value: KeptWork };
  /** Checkpoints by work and name. */
  readonly files: { readonly key: [work: string, name: string]; readonly value: Uint8Array<ArrayBuffer> };
}

export type WorkDatabase = IDBPDatabase<Schema>;

/** @throws DOMException where the browser keeps nothing, as in some private windows */
export function openWork(): Promise<WorkDatabase> {
  return openDB<Schema>(WORK_DATABASE, 1, {
    upgrade(database) {
      database.createObjectStore("work", { keyPath: "id" });
      database.createObjectStore("files");
    },
    blocking: (_old, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}

/** All work that can be gone on with, the newest first. */
export async function allWork(database: WorkDatabase): Promise<KeptWork[]> {
  const all = await database.getAll("work");
  return all.filter(({ format }) => format === WORK_FORMAT).sort((a, b) => b.kept - a.kept);
}

export async function removeWork(database: WorkDatabase, id: string): Promise<void> {
  const transaction = database.transaction(["work", "files"], "readwrite");
  await Promise.all([
    transaction.objectStore("work").delete(id),
    transaction.objectStore("files").delete(IDBKeyRange.bound([id], [id, []])),
    transaction.done,
  ]);
}

/** The Web Lock that whoever is at the work holds. */
export function lockOf(id: string): string {
  return `brecq-lab-work/${id}`;
}

/** Ids of work that is under way in some tab; the browser gives a lock back when its worker or tab ends, however it does. */
export async function workUnderWay(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const prefix = lockOf("");
  return new Set(held.flatMap(({ name = "" }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}
