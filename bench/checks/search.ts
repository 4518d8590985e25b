/** The genetic search over a table of fifty layers at its defaults: milliseconds, and how far above the exact optimum it ends. */
import { optimum } from "../../src/search/allocation/exact";
import { GENETIC_DEFAULTS, genetic } from "../../src/search/allocation/genetic";
import { problemFor } from "../../tests/support/tables";
import { median } from "../compare";
import type { Report } from "../result";

const [LAYERS, SAMPLES] = [50, 5];

export async function checkSearch(report: Report): Promise<void> {
  const problem = problemFor(11, LAYERS, 0.3);
  const best = (await optimum(problem))?.loss as number;
  const runs = Array.from({ length: SAMPLES }, (_, seed) => {
    const start = performance.now();
    const { loss } = genetic(problem, { ...GENETIC_DEFAULTS, seed });
    return { milliseconds: performance.now() - start, above: (loss / best - 1) * 100 };
  });
  const name = `search of ${LAYERS} layers, population ${GENETIC_DEFAULTS.population}, ${GENETIC_DEFAULTS.generations} generations`;
  report.check(`${name}: milliseconds`, Math.round(median(runs.map(({ milliseconds }) => milliseconds))));
  report.check(`${name}: most above the optimum, %`, Number(Math.max(...runs.map(({ above }) => above)).toFixed(2)));
}
