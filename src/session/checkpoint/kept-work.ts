/**
 * Keeps a piece of work while it is done in a browser's worker (work-database.ts): its record before it begins, its checkpoints as they come,
 * and the reports of an experiment's runs that are done. A Web Lock says that somebody is at it. When it ends the record goes; when
 * it is stopped or breaks after something was kept, the record stays, to be gone on with. Where the browser keeps nothing that is told once, and the
 * work goes on without.
 */
import { BadInput } from "../../base/errors";
import type { FileRole } from "../inputs/sources";
import type { Report } from "../run/report";
import type { LabEvent } from "../worker/events";
import type { LastingJob, SentFiles } from "../worker/protocol";
import type { CheckpointStores } from "./store";
import { allWork, type KeptWork, lockOf, openWork, removeWork, WORK_FORMAT, type WorkDatabase, workUnderWay } from "./work-database";

/** Of files that are given, at most so many bytes are kept, and never more than half of what the browser still has room for. */
const MOST_FILES = 1024 ** 3;
/** Checkpoints of large networks take some: with less room than this a person is told before the work begins. */
const LEAST_ROOM = 64 * 1024 ** 2;
/** Interrupted work that stays to be gone on with; older work goes. */
const MOST_WORK = 3;

export interface WorkAsked {
  /** An id of its own, or of the interrupted work that is gone on with. */
  readonly id: string;
  readonly resumes: boolean;
  readonly job: LastingJob;
  readonly given: ReadonlyMap<FileRole, SentFiles>;
  emit(event: LabEvent): void;
}

/** What work is handed to keep things by. */
export interface Keeping {
  readonly checkpoints: CheckpointStores;
  /** The report of a run of an experiment that was done before. */
  report(label: string, seed: number): Promise<Report | null>;
  keepReport(label: string, report: Report): Promise<void>;
}

/**
 * Does a piece of work, keeping it.
 * @throws BadInput where another tab is at this very work
 */
export async function keepWork<T>(asked: WorkAsked, perform: (keeping: Keeping) => Promise<T>): Promise<T> {
  // Outside a secure context there are no locks, and no other tab can be told.
  if (!navigator.locks) return kept(asked, perform);
  return navigator.locks.request(lockOf(asked.id), { ifAvailable: true }, (lock) => {
    if (!lock) throw new BadInput("This work is under way in another tab of this browser: go on there, or close that tab first.");
    return kept(asked, perform);
  }) as Promise<T>;
}

async function kept<T>(asked: WorkAsked, perform: (keeping: Keeping) => Promise<T>): Promise<T> {
  const work = await Work.begin(asked);
  try {
    const result = await perform(work);
    await work.remove();
    return result;
  } catch (error) {
    // However it ended, nothing that was kept is lost: another file or more memory may be all that it wants.
    if (work.isWorthKeeping) asked.emit({ type: "interrupted" });
    else await work.remove();
    throw error;
  } finally {
    work.close();
  }
}

class Work implements Keeping {
  /** Why nothing can be kept; told by the first write (run-checkpoints.ts). */
  private refusal: unknown = null;

  private constructor(
    private readonly database: WorkDatabase | null,
    private record: KeptWork,
  ) {}

  static async begin({ id, resumes, job, given, emit }: WorkAsked): Promise<Work> {
    const now = Date.now();
    const fresh: KeptWork = { format: WORK_FORMAT, id, job, given: {}, begun: now, kept: now, checkpoints: 0, at: null };
    try {
      const database = await openWork();
      const known = resumes ? await database.get("work", id) : undefined;
      const work = new Work(database, known ?? fresh);
      if (!known) await work.start(given, emit);
      await forgetOldest(database, id);
      return work;
    } catch (error) {
      const work = new Work(null, fresh);
      work.refusal = error;
      return work;
    }
  }

  /** Whether there is more than would be done again within moments. */
  get isWorthKeeping(): boolean {
    return this.database !== null && this.record.checkpoints > 0;
  }

  readonly checkpoints: CheckpointStores = {
    open: async (run) => {
      const key = (name: string): [string, string] => [this.record.id, `${run}/${name}`];
      return {
        read: async (name) => (await this.database?.get("files", key(name))) ?? null,
        write: (name, bytes, at) => this.put(key(name), bytes, at),
        remove: async (name) => this.database?.delete("files", key(name)),
      };
    },
  };

  async report(label: string, seed: number): Promise<Report | null> {
    const bytes = await this.database?.get("files", [this.record.id, reportName(label, seed)]);
    return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as Report) : null;
  }

  async keepReport(label: string, report: Report): Promise<void> {
    // The next checkpoint says why nothing can be written, if it is so.
    await this.put([this.record.id, reportName(label, report.recipe.seed)], new TextEncoder().encode(JSON.stringify(report)), null).catch(() => {});
  }

  async remove(): Promise<void> {
    if (this.database) await removeWork(this.database, this.record.id).catch(() => {});
  }

  close(): void {
    this.database?.close();
  }

  /** The record, with the files that were given as far as there is room. */
  private async start(given: ReadonlyMap<FileRole, SentFiles>, emit: (event: LabEvent) => void): Promise<void> {
    const { quota = Number.POSITIVE_INFINITY, usage = 0 } = (await navigator.storage?.estimate()) ?? {};
    const room = quota - usage;
    if (room < LEAST_ROOM)
      emit({
        type: "warning",
        message: `The browser has room for ${Math.max(0, Math.round(room / 1024 ** 2))} MiB: it may not suffice for checkpoints, without which a reload loses the work. Free some space on the disk, or in the browser's settings for this site.`,
      });
    let left = Math.min(MOST_FILES, room / 2);
    const kept: [FileRole, KeptWork["given"][FileRole]][] = [];
    for (const [role, sent] of [...given].sort(([, a], [, b]) => bytesOf(a) - bytesOf(b))) {
      left -= bytesOf(sent);
      kept.push([role, left >= 0 ? sent : { name: sent.name, files: null }]);
    }
    this.record = { ...this.record, given: Object.fromEntries(kept) };
    try {
      await this.database?.put("work", this.record);
    } catch {
      // The browser promised more room than it has: checkpoints are small beside files, and worth keeping without them.
      this.record = { ...this.record, given: Object.fromEntries([...given].map(([role, { name }]) => [role, { name, files: null }])) };
      await this.database?.put("work", this.record);
    }
  }

  private async put(key: [string, string], bytes: Uint8Array, at: KeptWork["at"]): Promise<void> {
    if (!this.database) throw this.refusal;
    const record = { ...this.record, kept: Date.now(), checkpoints: this.record.checkpoints + 1, at: at ?? this.record.at };
    const transaction = this.database.transaction(["work", "files"], "readwrite", { durability: "strict" });
    await Promise.all([
      transaction.objectStore("files").put(bytes as Uint8Array<ArrayBuffer>, key),
      transaction.objectStore("work").put(record),
      transaction.done,
    ]);
    this.record = record;
  }
}

/** Makes room for newer work: the oldest that nobody is at goes. */
async function forgetOldest(database: WorkDatabase, own: string): Promise<void> {
  const underWay = await workUnderWay();
  const idle = (await allWork(database)).filter(({ id }) => id !== own && !underWay.has(id));
  for (const { id } of idle.slice(MOST_WORK - 1)) await removeWork(database, id);
}

function reportName(label: string, seed: number): string {
  return `report/${seed}/${label}`;
}

function bytesOf({ files }: SentFiles): number {
  return files.reduce((sum, { file }) => sum + file.size, 0);
}
