/** What a fit came to, in a sentence. */
import { sizeText } from "../../export/proof/text";
import { verdictText } from "../run/verdict";
import { goalText } from "./goal";
import type { Candidate, FitVerdict } from "./state";

export function fitVerdictText({ kind, goal, best, tried, binding }: FitVerdict): string {
  const result = verdictText(best);
  if (kind === "missed") {
    const of = tried === 1 ? "The one that was tried" : `The best of ${tried} that were tried`;
    return `Goal missed: ${goalText(goal)}. ${of}: ${result}.`;
  }
  const loose = binding ? "" : " Everything at its widest keeps this size: the limit binds nothing.";
  return `Goal met: ${goalText(goal)}. ${result}.${loose}`;
}

/** "mixed, 94.1 kB", "uniform 3 bit, 75.0 kB". */
export function candidateText({ kind, bits, size }: Candidate): string {
  return `${kind === "mixed" ? "mixed" : `uniform ${bits} bit`}, ${sizeText(size)}`;
}
