/** What a network or images may be given as, and what stands behind the handles that people get for them. */
import { BadInput } from "../base/errors";
import type { InputFile } from "../data/files";
import { filesInMemory, type GivenFiles } from "../session/inputs/sources";

/**
 * Files: in Node the path of a file or folder; an address (`hub:OWNER/NAME`, `hub-dataset:OWNER/NAME`, an https URL), which is
 * fetched; or what is in memory already, as `{ path, bytes }`, where the path's ending says what it is.
 */
export type Files = string | InputFile | readonly InputFile[];

/** Files in memory, under the name of what holds them all. @throws BadInput */
export function inMemory(files: Exclude<Files, string>): GivenFiles {
  const list: readonly InputFile[] = "bytes" in files ? [files] : files;
  const [first] = list;
  if (!first) throw new BadInput("No file was given; expected { path, bytes }.");
  const wrong = list.find(({ path, bytes }) => typeof path !== "string" || path === "" || !(bytes instanceof Uint8Array));
  if (wrong) throw new BadInput(`A file is given as { path, bytes }, its bytes a Uint8Array; ${JSON.stringify(wrong.path)} is not.`);
  const [folder = first.path, below] = first.path.split("/");
  return filesInMemory(below === undefined || list.length === 1 ? first.path : folder, list);
}

/** Handles: what people see of a thing, and its parts, which only the library sees. */
export class Handles<Shown extends object, Parts> {
  private readonly parts = new WeakMap<Shown, Parts>();

  /** @param maker what gives such a handle */
  constructor(private readonly maker: string) {}

  make(shown: Shown, parts: Parts): Shown {
    this.parts.set(shown, parts);
    return shown;
  }

  has(value: object): value is Shown {
    return this.parts.has(value as Shown);
  }

  /** @throws BadInput for what is no handle */
  of(shown: Shown): Parts {
    const parts = typeof shown === "object" && shown !== null ? this.parts.get(shown) : undefined;
    if (parts === undefined) throw new BadInput(`Expected what ${this.maker} returns; found ${typeof shown}.`);
    return parts;
  }
}
