/**
 * Who is at work on what, among processes that share nothing but a folder, on one machine or on many. A claim is a file that only one can
 * create; its owner touches it while it works. A claim that was not touched for a while, or whose owner was on this machine and is gone,
 * is outlived: the next generation of it, again a file that only one can create, belongs to whoever creates it. Ages are told by the
 * folder's own clock, so that machines whose clocks differ agree.
 */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Milliseconds between two touches, and after which a claim that was not touched is outlived. */
const [TOUCH, OUTLIVED] = [10_000, 60_000];

export interface Owner {
  readonly id: string;
  readonly host: string;
  readonly process: number;
}

/** This process: another that had its number before it has another id. */
const SELF: Owner = { id: randomUUID(), host: hostname(), process: process.pid };

export interface Claim {
  release(): Promise<void>;
}

export class Claims {
  constructor(
    private readonly folder: string,
    private readonly outlived: number = OUTLIVED,
  ) {}

  /** The claim, or who has it. */
  async take(name: string): Promise<Claim | { readonly owner: Owner | null }> {
    await mkdir(this.folder, { recursive: true });
    const generations = await this.generations(name);
    const last = generations.at(-1);
    if (last !== undefined) {
      const owner = await this.ownerOf(name, last);
      if (!(await this.isOutlived(name, last, owner))) return { owner };
    }
    const own = (last ?? 0) + 1;
    const path = this.path(name, own);
    try {
      const file = await open(path, "wx");
      await file.writeFile(JSON.stringify(SELF));
      await file.close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      return { owner: await this.ownerOf(name, own) };
    }
    for (const old of generations) await rm(this.path(name, old), { force: true });
    return this.held(path);
  }

  private held(path: string): Claim {
    // Written, not given a time: the time is then that of the folder's clock.
    const timer = setInterval(() => void writeFile(path, JSON.stringify(SELF), { flag: "r+" }).catch(() => {}), TOUCH);
    timer.unref();
    return {
      async release() {
        clearInterval(timer);
        await rm(path, { force: true });
      },
    };
  }

  private async isOutlived(name: string, generation: number, owner: Owner | null): Promise<boolean> {
    if (owner && owner.host === SELF.host && owner.id !== SELF.id && (owner.process === process.pid || !isAlive(owner.process))) return true;
    try {
      const { mtimeMs } = await stat(this.path(name, generation));
      return (await this.now()) - mtimeMs > this.outlived;
    } catch {
      // Released just now: whoever asks again takes it.
      return false;
    }
  }

  /** The time by the clock of the folder's file system. */
  private async now(): Promise<number> {
    const probe = join(this.folder, `now-${randomUUID()}`);
    await writeFile(probe, "");
    const { mtimeMs } = await stat(probe);
    await rm(probe, { force: true });
    return mtimeMs;
  }

  /** Null where it is gone, or is being written. */
  private async ownerOf(name: string, generation: number): Promise<Owner | null> {
    try {
      return JSON.parse(await readFile(this.path(name, generation), "utf8")) as Owner;
    } catch {
      return null;
    }
  }

  private async generations(name: string): Promise<number[]> {
    const names = await readdir(this.folder);
    return names
      .flatMap((one) => (one.startsWith(`${name}.`) ? [Number(one.slice(name.length + 1))] : []))
      .filter(Number.isInteger)
      .sort((a, b) => a - b);
  }

  private path(name: string, generation: number): string {
    return join(this.folder, `${name}.${generation}`);
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // Another person's process is alive too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
