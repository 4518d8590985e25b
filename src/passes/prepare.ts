/** A network as every later step wants it: batch normalization folded, one activation function at a time. */
import type { Graph } from "../graph/types";
import { mergeClamps } from "./clamps";
import { foldBatchNorm } from "./fold";

export function prepare(graph: Graph): Graph {
  return mergeClamps(foldBatchNorm(graph));
}
