/**
 * A network from the files that a person chose: a model's, alone or with packed weights that the lab exported, which then take the
 * place of the model's own (export/safetensors/read.ts).
 */
import { BadInput } from "../../base/errors";
import { isPackedWeights, packedModelName, withPackedWeights } from "../../export/safetensors/read";
import { companionsOf as companionsOfModel, readModel } from "../../formats";
import { archiveOf } from "../../formats/archive";
import type { ModelFile, ReadOptions } from "../../formats/format";
import type { Graph } from "../../graph/types";
import { prepare } from "../../passes/prepare";

export interface PreparedNetwork {
  /** Ready to be quantized: batch normalization folded. */
  readonly graph: Graph;
  /** As the file has it. */
  readonly unfolded: Graph;
}

/** @throws BadInput, also for packed weights without their model; OpenInputSize where the size of the images is needed and not given */
export async function readNetwork(files: readonly ModelFile[], options: ReadOptions = {}): Promise<PreparedNetwork> {
  const all = files.flatMap((file) => unpacked(file) ?? [file]);
  const packed = all.filter(isPackedWeights);
  const others = all.filter((file) => !isPackedWeights(file) && !/\.safetensors\.json$/i.test(file.path));
  const [weights, second] = packed;
  if (!weights) {
    const unfolded = await readModel(files, options);
    return { graph: prepare(unfolded), unfolded };
  }
  if (second) throw new BadInput(`${weights.path} and ${second.path} both hold packed weights; choose one of them with its model.`);
  if (others.length === 0) {
    const model = packedModelName(weights);
    throw new BadInput(`${weights.path} holds weights without the network; choose ${model ?? "the model that it was made from"} together with it.`);
  }
  const graph = withPackedWeights(prepare(await readModel(others, options)), weights);
  return { graph, unfolded: graph };
}

/** Packed weights as the page saves them, in a zip with their JSON; null for any other file. */
function unpacked(file: ModelFile): ModelFile[] | null {
  return /\.zip$/i.test(file.path) ? archiveOf(file, (path) => isPackedWeights({ path })) : null;
}

/** Paths of the files that a file needs beside it, relative to its folder. */
export function companionsOf(file: ModelFile): readonly string[] {
  if (!isPackedWeights(file)) return companionsOfModel(file);
  const model = packedModelName(file);
  return model === null ? [] : [model];
}
