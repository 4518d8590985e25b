/** Which of the files that a shared result needs each of some given files is: told by their names, so that all may come at once. */
import type { PathAndFile } from "../recipe/sent-files";
import type { Needed } from "../state/opened";

export interface Assigned {
  readonly needed: Needed;
  readonly files: readonly PathAndFile[];
}

/** Files that hold a network's weights beside it. */
const WEIGHTS = /\.(bin|data|onnx_data|safetensors)$/i;

/**
 * Files by role; a folder counts as one, by its name. Where nothing has a name that is asked for and one role alone is missing, all are
 * for it, whatever they are called: their hash tells.
 */
export function assignFiles(all: readonly Needed[], given: readonly PathAndFile[]): Assigned[] {
  const nameOf = ({ path }: PathAndFile) => path.split("/")[0] as string;
  const asked = new Set(all.map(({ files }) => files.name));
  const weights = given.filter((one) => !asked.has(nameOf(one)) && WEIGHTS.test(one.path));
  const found = all.flatMap((needed): Assigned[] => {
    const own = given.filter((one) => nameOf(one) === needed.files.name);
    return own.length === 0 ? [] : [{ needed, files: needed.role === "model" ? [...own, ...weights] : own }];
  });
  const [only] = all;
  return found.length === 0 && only && all.length === 1 ? [{ needed: only, files: given }] : found;
}
