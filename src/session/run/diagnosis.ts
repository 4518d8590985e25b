/** The diagnosis at a run's end: each unit's fidelity, and if the recipe asks, its own share of the loss. */
import type { Scores } from "../../network/evaluate";
import type { Overrides } from "../../network/quantized";
import { type DiagnosisOptions, diagnosedUnits, partly, unitFidelity } from "../../quantize/diagnosis";
import type { Recipe } from "../recipe/recipe";
import type { LabEvent } from "../worker/events";
import type { Accuracy, UnitDiagnosis } from "./report";

export interface DiagnoseTools {
  evaluate(text: string, graph: DiagnosisOptions["network"]["graph"], overrides: Overrides): Promise<Scores>;
  accuracy(scores: Scores): Accuracy;
  emit(event: LabEvent): void;
  breathe(): Promise<void>;
}

export async function diagnose(recipe: Recipe, options: DiagnosisOptions, tools: DiagnoseTools): Promise<UnitDiagnosis[]> {
  const { network, unit } = options;
  const fidelity = await unitFidelity(options);
  await tools.breathe();
  const units: UnitDiagnosis[] = fidelity.map((one) => ({ ...one, only: null, without: null }));
  tools.emit({ type: "diagnosis", units });
  if (!recipe.diagnose) return units;
  const segments = new Map(diagnosedUnits(network.graph, unit).map((segment) => [segment.name, segment]));
  for (const [i, row] of units.entries()) {
    const segment = segments.get(row.name);
    if (!segment) continue;
    const measure = async (which: "only" | "without", text: string) =>
      tools.accuracy(await tools.evaluate(text, network.graph, partly(network, segment, which)));
    const only = await measure("only", `Evaluating with only ${row.name} quantized`);
    units[i] = { ...row, only, without: await measure("without", `Evaluating with all but ${row.name} quantized`) };
    tools.emit({ type: "diagnosis", units: [...units] });
  }
  return units;
}
