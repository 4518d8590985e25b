/** The end of a run: the quantized network is measured and diagnosed, and all that is known goes into the report. */
import type { Scores } from "../../network/evaluate";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import { floatBytes, networkBytes } from "../../quantize/size";
import { workingUnit } from "../recipe/recipe";
import { ARITHMETIC_VERSION } from "../share/arithmetic";
import { fingerprintOf, hashNetwork } from "../share/compute-fingerprint";
import { judgedRole } from "../watch/pictures";
import type { Measured } from "./baseline";
import { classResults, worstClasses } from "./classes";
import { evaluate, type JudgedContext, warn } from "./context";
import { diagnose } from "./diagnosis";
import { gatherEvidence } from "./evidence";
import { accuracyOf } from "./judge";
import type { Report, UnitDiagnosis, UnitReport } from "./report";
import { pickSamples } from "./samples";
import { warnOfNearest } from "./warnings";

/** Measures the quantized network, diagnoses it and writes the report. */
export async function judgeResult(baseline: Measured, units: readonly UnitReport[], network: QuantizedNetwork, reason: string): Promise<Report> {
  const { context, full, nearest, watched } = baseline;
  const { options, device, recipe, plan, judge, clock, progress, work, warnings } = context;
  options.emit({ type: "state", state: "evaluating" });
  const scores = await evaluate(context, "Evaluating the quantized network", { what: "evaluating", which: "quantized" }, network.graph, network);
  const quantized = judge.accuracy("quantized", scores, full);
  progress.begin("Measuring the whole network on the sample", { what: "evaluating", which: "part" }, "watching", 0);
  await watched.end(network);
  watched.dispose();
  warn(context, warnOfNearest(METHOD_CATALOG[recipe.method].title, baseline.accuracy.nearest, quantized));
  clock.phase("evaluate");
  progress.begin("Measuring the noise of each unit", { what: "diagnosing" }, "evaluation", work.fidelity);
  const diagnosis = await diagnoseUnits(context, network, full);
  clock.phase("diagnose");
  const classNames = judge.set.classNames ?? context.calibration.set.classNames;
  const networks = { fullPrecision: full, nearest, quantized: scores };
  options.emit({ type: "samples", samples: pickSamples(judge.set, classNames, networks) });
  const { labels } = judge.set;
  const classes = labels && full.positions === 1 ? classResults(networks, labels, classNames) : null;
  if (classes) options.emit({ type: "classes", classes });
  const { kind, description } = device.info;
  const report: Report = {
    arithmetic: ARITHMETIC_VERSION,
    recipe,
    device: { kind, description, reason },
    memory: { budget: plan.budget, expected: plan.program + plan.images + plan.caches, streamed: plan.streamed, peak: device.memory.peak },
    evaluatedOn: judgedRole(recipe),
    accuracy: { ...baseline.accuracy, quantized },
    size: { fullPrecision: floatBytes(context.graph), quantized: networkBytes(network.graph, recipe.weights) },
    ...(classes ? { worstClass: worstClasses(classes) } : {}),
    units,
    diagnosis,
    warnings,
    seconds: clock.total(),
    fingerprint: await fingerprintOf(
      { ...recipe, device: kind },
      {
        top1: quantized.top1,
        agreement: quantized.agreement,
        losses: units.map(({ loss }) => loss.last),
        rounding: await hashNetwork(network),
      },
    ),
  };
  if (options.keep) {
    const { preprocessing } = recipe;
    const judged = { device, graph: context.graph, network, full, scores, set: judge.set, images: context.test, preprocessing };
    const inspectable = { graph: context.graph, nearest: baseline.network, set: judge.set, on: judge.on };
    options.keep(network, report, await gatherEvidence(judged), inspectable);
  }
  return report;
}

function diagnoseUnits(context: JudgedContext, network: QuantizedNetwork, full: Scores): Promise<UnitDiagnosis[]> {
  const { options, device, recipe, judge, test, breathe } = context;
  return diagnose(
    recipe,
    { device, images: test, unit: workingUnit(recipe), network },
    {
      evaluate: (text, graph, overrides) => evaluate(context, text, { what: "diagnosing" }, graph, overrides),
      accuracy: (scores) => accuracyOf(scores, full, judge.set),
      emit: options.emit,
      breathe,
    },
  );
}
