/**
 * The candidates of a fit, from one sensitivity table: for each size the widths of least predicted loss, and for each
 * predicted loss the smallest network. From the exact front where the space allows, else from a genetic search at each
 * size that is asked for. Sizes are whole bytes, with what a layer's grids and its bias take.
 */

import { layersOf } from "../../graph/queries";
import type { Graph } from "../../graph/types";
import { layerBytes, otherBytes } from "../../quantize/size";
import { ParetoFront, paretoFront } from "../../search/allocation/exact";
import { GENETIC_DEFAULTS, genetic } from "../../search/allocation/genetic";
import { type CostTerm, cheapest, costOf, type Problem } from "../../search/allocation/problem";
import { type Assignment, choicesOf, Predictor, type SensitivityTable } from "../../search/sensitivity/table";
import type { Recipe } from "../recipe/recipe";
import { uniformCost } from "../search/limit";
import { layerBits, uniformAt } from "../search/under";
import type { Goal } from "./goal";
import type { Candidate } from "./state";

export interface FrontierOptions {
  readonly graph: Graph;
  readonly table: SensitivityTable;
  readonly weights: Pick<Recipe["weights"], "granularity" | "symmetric">;
  readonly seed: number;
  breathe?(): void | Promise<void>;
}

/** Genetic searches for the smallest network of a predicted loss: after so many halvings sizes differ by less than a thousandth. */
const STEPS = 10;

export class Frontier {
  /** Size and predicted loss of every candidate that none beats in both; null where the space is too large to know them. */
  readonly points: readonly (readonly [size: number, loss: number])[] | null;
  private readonly predictor: Predictor;

  private constructor(
    private readonly options: FrontierOptions,
    private readonly terms: readonly CostTerm[],
    private readonly front: ParetoFront | null,
  ) {
    this.predictor = new Predictor(options.table);
    this.points = front?.points ?? null;
  }

  static async of(options: FrontierOptions): Promise<Frontier> {
    const { graph, table, weights } = options;
    const terms = sizeTerms(graph, weights);
    const problem = { predictor: new Predictor(table), choices: choicesOf(table), terms };
    const front = await paretoFront(problem, options.breathe);
    return new Frontier(options, terms, front instanceof ParetoFront ? front : null);
  }

  /** Everything at its narrowest. */
  get smallest(): Candidate {
    return this.candidate(cheapest({ choices: choicesOf(this.options.table), terms: this.terms }));
  }

  /** Everything at its widest. */
  get largest(): Candidate {
    return this.candidate(choicesOf(this.options.table).map((widths) => Math.max(...widths)));
  }

  /** The least predicted loss within so many bytes; null where nothing is as small. */
  within(bytes: number): Candidate | null {
    if (bytes < this.smallest.size) return null;
    const { options, front } = this;
    if (front) {
      const found = front.within(bytes);
      return found && this.candidate(found.assignment);
    }
    const problem: Problem = { predictor: this.predictor, choices: choicesOf(options.table), terms: this.terms, limit: bytes };
    return this.candidate(genetic(problem, { ...GENETIC_DEFAULTS, seed: options.seed }).assignment);
  }

  /** The smallest whose predicted loss is at most `loss`; the largest of all where none is so good. */
  cheapest(loss: number): Candidate {
    let [low, high] = [this.smallest, this.largest];
    if (low.predictedLoss <= loss) return low;
    if (high.predictedLoss > loss) return high;
    if (this.points) {
      const found = this.points.find(([, least]) => least <= loss);
      return (found && this.within(found[0])) ?? high;
    }
    for (let step = 0; step < STEPS && high.size - low.size > 1; step++) {
      const middle = this.within(Math.floor(Math.sqrt(low.size * high.size)));
      // The search may find nothing better than the smaller end.
      if (!middle || middle.size <= low.size || middle.size >= high.size) break;
      if (middle.predictedLoss <= loss) high = middle;
      else low = middle;
    }
    return high;
  }

  /** Every layer at one width, narrowest first. */
  uniform(): Candidate[] {
    return this.options.table.bits.map((bits) => ({ ...this.candidate(uniformAt(this.options.table, bits)), kind: "uniform", bits }));
  }

  /** A size goal in bytes. */
  bytesOf(limit: Extract<Goal, { kind: "size" }>["limit"]): number {
    return typeof limit === "number" ? limit : Math.floor(uniformCost(this.options.table, this.terms, limit.bits) * (1 + limit.plus));
  }

  private candidate(assignment: Assignment): Candidate {
    const { table } = this.options;
    return {
      ...{ kind: "mixed", bits: null },
      assignment: layerBits(table, assignment),
      size: costOf({ terms: this.terms }, assignment),
      predictedLoss: this.predictor.loss(assignment),
    };
  }
}

/** Bytes of each layer; what lies outside of layers counts with the first. */
function sizeTerms(graph: Graph, weights: FrontierOptions["weights"]): CostTerm[] {
  return layersOf(graph).map((layer, i) => ({
    weights: i,
    inputs: [],
    cost: (bits) => layerBytes(layer, bits, weights) + (i === 0 ? otherBytes(graph) : 0),
  }));
}
