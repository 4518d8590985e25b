/** What a network takes, by its file alone. */
import { OpenInputSize } from "../base/errors";
import { readModel } from "../formats";
import { readGivenModel } from "./files";

/** [height, width, channels] that a network takes; null where there is no file, or it leaves the size open. */
export async function inputOf(model: string | undefined): Promise<readonly number[] | null> {
  if (model === undefined) return null;
  try {
    const graph = await readModel(await (await readGivenModel(model)).read());
    return graph.shapes.get(graph.input) ?? null;
  } catch (error) {
    if (error instanceof OpenInputSize) return null;
    throw error;
  }
}
