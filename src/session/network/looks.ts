/** First looks that are kept: a check comes at every change of a setting, and most change nothing that a look depends on. */
import type { Graph } from "../../graph/types";
import { type FirstLook, firstLook, type LooksByLayer } from "../../quantize/first-look";
import type { Recipe } from "../recipe/recipe";

export class Looks {
  /** By scale method, granularity and symmetry; of layers, which go when their network does. */
  private readonly known = new Map<string, LooksByLayer>();

  /** The look at a network under a recipe's grids; one that was stopped goes on where it was. @param breathe may stop it by throwing */
  at(graph: Graph, { scale, granularity, symmetric }: Recipe["weights"], breathe: () => void | Promise<void>): Promise<FirstLook> {
    const key = [scale, granularity, symmetric].join();
    const known = this.known.get(key) ?? new WeakMap();
    this.known.set(key, known);
    return firstLook(graph, { scale, granularity, symmetric }, breathe, known);
  }
}
