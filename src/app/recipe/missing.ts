/** Which of several chosen files answer what a recipe asks for, by name. */
import type { FileRole } from "../../session/inputs/sources";
import type { PathAndFile } from "./sent-files";

interface Wanted {
  readonly role: FileRole;
  /** A file's name, or a folder's. */
  readonly name: string;
}

/** The files of each role that is asked for: the one of its name, all below a folder of its name, or weights beside a model.json. */
export function matched(files: readonly PathAndFile[], wanted: readonly Wanted[]): ReadonlyMap<FileRole, readonly PathAndFile[]> {
  const found = new Map<FileRole, readonly PathAndFile[]>();
  for (const { role, name } of wanted) {
    const own = files.filter(({ path }) => path === name || path.endsWith(`/${name}`) || path.startsWith(`${name}/`));
    const shards = role === "model" && name.endsWith(".json") && own.length > 0 ? files.filter(({ path }) => path.endsWith(".bin")) : [];
    if (own.length > 0) found.set(role, [...own, ...shards]);
  }
  return found;
}
