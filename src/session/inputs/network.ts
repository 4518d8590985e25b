/**
 * A network from the files that a person chose: a model's, alone or with packed weights that the lab exported, which then take the
 * place of the model's own (export/safetensors/read.ts).
 */
import { BadInput } from "../../base/errors";
import { readModel } from "../../formats";
import type { ModelFile, ReadOptions } from "../../formats/format";
import type { Graph } from "../../graph/types";
import { prepare } from "../../passes/prepare";

export const isPackedWeights = ({ path }: Pick<ModelFile, "path">): boolean => /\.safetensors$/i.test(path);

export interface PreparedNetwork {
  /** Ready to be quantized: batch normalization folded. */
  readonly graph: Graph;
  /** As the file has it. */
  readonly unfolded: Graph;
}

/** @throws BadInput, also for packed weights without their model; OpenInputSize where the size of the images is needed and not given */
export async function readNetwork(files: readonly ModelFile[], options: ReadOptions = {}): Promise<PreparedNetwork> {
  const all = (await Promise.all(files.map(async (file) => (await unpacked(file)) ?? [file]))).flat();
  const packed = all.filter(isPackedWeights);
  const others = all.filter((file) => !isPackedWeights(file) && !/\.safetensors\.json$/i.test(file.path));
  const [weights, second] = packed;
  if (!weights) {
    const unfolded = await readModel(files, options);
    return { graph: prepare(unfolded), unfolded };
  }
  // Most networks come without: what reads them is not loaded before the first are drawn.
  const { packedModelName, withPackedWeights } = await import("../../export/safetensors/read");
  if (second) throw new BadInput(`${weights.path} and ${second.path} both hold packed weights; choose one of them with its model.`);
  if (others.length === 0) {
    const model = packedModelName(weights);
    throw new BadInput(`${weights.path} holds weights without the network; choose ${model ?? "the model that it was made from"} together with it.`);
  }
  const graph = withPackedWeights(prepare(await readModel(others, options)), weights);
  return { graph, unfolded: graph };
}

/** Packed weights as the page saves them, in a zip with their JSON; null for any other file. */
async function unpacked(file: ModelFile): Promise<ModelFile[] | null> {
  if (!/\.zip$/i.test(file.path)) return null;
  return (await import("../../formats/archive")).archiveOf(file, (path) => isPackedWeights({ path }));
}
