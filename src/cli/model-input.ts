/** What a network takes, by its file alone. */
import { OpenInputSize } from "../base/errors";
import { readNetwork } from "../session/inputs/network";
import { readModelInput, type WebOptions } from "./web";

/** [height, width, channels] that a network takes; null where there is no file, or it leaves the size open. */
export async function inputOf(model: string | undefined, options: WebOptions): Promise<readonly number[] | null> {
  if (model === undefined) return null;
  try {
    const { graph } = await readNetwork(await (await readModelInput(model, options)).read());
    return graph.shapes.get(graph.input) ?? null;
  } catch (error) {
    if (error instanceof OpenInputSize) return null;
    throw error;
  }
}
