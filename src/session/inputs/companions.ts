/** What a file needs beside it, for those who find files by name (the command line; a page is given all of them). */
import { packedModelName } from "../../export/safetensors/read";
import { companionsOf as companionsOfModel } from "../../formats";
import type { ModelFile } from "../../formats/format";
import { isPackedWeights } from "./network";

/** Paths of the files that a file needs beside it, relative to its folder. */
export function companionsOf(file: ModelFile): readonly string[] {
  if (!isPackedWeights(file)) return companionsOfModel(file);
  const model = packedModelName(file);
  return model === null ? [] : [model];
}
