/**
 * A network as every later step wants it: batch normalization folded, one activation function at a time, functions that
 * were written out as one node.
 */
import type { Graph } from "../graph/types";
import { mergeClamps } from "./clamps";
import { foldBatchNorm } from "./fold";
import { recognizeFunctions } from "./functions";
import { recognizeGroupNorm } from "./group-norm";

export function prepare(graph: Graph): Graph {
  return foldBatchNorm(recognizeFunctions(recognizeGroupNorm(mergeClamps(graph))));
}
