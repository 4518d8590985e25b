/**
 * The report of a run as one HTML file: recipe, accuracies, units, warnings and charts, which are SVG inside the file. It
 * has no script and asks nothing of any server, which its content security policy also forbids, and it can be printed.
 */
import { bitBars, type Curve, lossCurves, percentBars } from "../charts/run";
import { escaped } from "../charts/svg";
import { layersOf } from "../graph/queries";
import { shortName } from "../passes/short-name";
import { FLOAT_BITS } from "../quantize/layer-widths";
import { METHOD_CATALOG } from "../quantize/methods/catalog";
import {
  type ExportedAccuracy,
  type ExportedFile,
  type ExportedReport,
  type ExportOptions,
  type QuantizedArtifact,
  tensorName,
  textFile,
} from "./artifact";
import { layerCodes } from "./codes";
import { provenanceOf } from "./provenance";

const STYLE = `
body { font: 15px/1.45 system-ui, sans-serif; color: #1b1b1b; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; } th, td { padding: 0.2rem 0.7rem; text-align: right; border-bottom: 1px solid #e3e3e3; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid #999; }
pre { background: #f6f6f6; padding: 0.8rem; overflow: auto; white-space: pre-wrap; font-size: 0.85rem; }
.warning { border-left: 4px solid #d55e00; padding-left: 0.7rem; } .scroll { overflow-x: auto; } svg { max-width: 100%; height: auto; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr, svg { break-inside: avoid; } pre { overflow: visible; } }
`;

/** NAME.html. */
export async function htmlReport(artifact: QuantizedArtifact, { name }: ExportOptions): Promise<ExportedFile[]> {
  return [textFile(`${name}.html`, "text/html", page(artifact))];
}

function page(artifact: QuantizedArtifact): string {
  const { recipe, report, network } = artifact;
  const title = `${recipe.model.name}, ${METHOD_CATALOG[recipe.method].title} at ${widths(artifact)}`;
  const layers = layerCodes(network).map(({ layer, codes }) => ({ name: shortName(layer.name), bits: codes?.bits ?? FLOAT_BITS }));
  const curves = (phase: "weights" | "activations"): Curve[] =>
    report.units.filter((unit) => unit.phase === phase).map(({ name, loss }) => ({ name, points: loss.sampled }));
  const weightCurves = curves("weights");
  const activationCurves = curves("activations");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="brecq-lab" content="${escaped(JSON.stringify(provenanceOf(artifact)))}">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>Quantized with BRECQ Lab on ${escaped(report.device.description)} in ${(report.seconds.total ?? 0).toFixed(1)} s.</p>
${report.warnings.map((warning) => `<p class="warning">${escaped(warning)}</p>`).join("\n")}
<h2>Accuracy</h2>
${accuracySection(report)}
<h2>Bits of each layer's weights</h2>
${bitBars("Bits by layer", layers)}
${activationTable(artifact)}
<h2>Units</h2>
${report.units.length > 0 ? unitTable(report) : "<p>Nothing was reconstructed unit by unit.</p>"}
${weightCurves.length > 0 ? lossCurves("Reconstruction loss, weights", weightCurves) : ""}
${activationCurves.length > 0 ? lossCurves("Reconstruction loss, activation scales", activationCurves) : ""}
<h2>What quantization did to each unit's output</h2>
${diagnosisTable(report)}
<h2>Fingerprint</h2>
<p>Of the quantized network <code>${escaped(report.fingerprint.rounding)}</code>, of recipe and result <code>${escaped(report.fingerprint.result ?? "unknown")}</code>; arithmetic version ${report.arithmetic ?? 1}. The same recipe on the same files gives them again.</p>
<h2>Recipe</h2>
<pre>${escaped(JSON.stringify(recipe, null, 2))}</pre>
</body>
</html>
`;
}

/** "4", or "float". */
const bare = (bits: number) => (bits === FLOAT_BITS ? "float" : String(bits));

/** "W4 A8", "W2, 3, float". */
function widths({ network, graph }: QuantizedArtifact): string {
  const list = (values: Iterable<number>) =>
    [...new Set(values)]
      .sort((a, b) => a - b)
      .map(bare)
      .join(", ");
  const weights = layersOf(graph).map(({ name }) => network.weights.get(name)?.bits ?? FLOAT_BITS);
  const activations = [...network.quantizers.values()].map(({ bits }) => bits);
  return `W${list(weights)}${activations.length > 0 ? ` A${list(activations)}` : ""}`;
}

/** Rows of cells, which are escaped; the first row is the head. */
function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string) => row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("");
  return `<div class="scroll"><table><thead><tr>${cells(head, "th")}</tr></thead><tbody>
${rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n")}
</tbody></table></div>`;
}

const NAMES = { fullPrecision: "Full precision", nearest: "Nearest rounding", quantized: "Quantized" } as const;
const percent = (value: number | null) => (value === null ? "–" : `${value.toFixed(2)} %`);

function accuracySection({ accuracy, evaluatedOn }: ExportedReport): string {
  const rows = (Object.keys(NAMES) as (keyof typeof NAMES)[]).map((name) => ({ label: NAMES[name], ...accuracy[name] }));
  const labelled = rows.every(({ top1 }) => top1 !== null);
  const bars = rows.map(({ label, top1, agreement }) => ({ label, percent: labelled ? (top1 as number) : agreement }));
  const dense = rows.some(({ meanIou }) => meanIou !== undefined);
  const on = evaluatedOn === "evaluation" ? "test" : "calibration";
  return `${table([
    ["", dense ? "Pixel accuracy" : "Top-1", ...(dense ? ["Mean IoU"] : []), "Agreement with full precision", "Images"],
    ...rows.map(({ label, top1, meanIou, agreement, images }) => [
      ...[label, percent(top1), ...(dense ? [percent(meanIou ?? null)] : [])],
      ...[percent(agreement), `${images} ${on} images`],
    ]),
  ])}
${percentBars(labelled ? (dense ? "Pixel accuracy" : "Top-1") : "Agreement with full precision", bars)}`;
}

function activationTable({ graph, network: { quantizers } }: QuantizedArtifact): string {
  if (quantizers.size === 0) return "<p>Activations stay at full precision.</p>";
  return table([
    ["Activation", "Bits", "Scale", "Zero point"],
    ...[...quantizers].map(([value, { bits, scale, zero }]) => [tensorName(graph, value), String(bits), scale.toPrecision(6), String(zero + 0)]),
  ]);
}

function unitTable({ units }: ExportedReport): string {
  return table([
    ["Unit", "Bits", "First loss", "Last loss", "Settled", "Seconds"],
    ...units.map(({ name, phase, bits, loss, settled, seconds }) => [
      ...[name, [...new Set(bits)].map(bare).join(", "), loss.first.toPrecision(4), loss.last.toPrecision(4)],
      ...[phase === "weights" ? `${(100 * settled).toFixed(1)} %` : "–", seconds.toFixed(1)],
    ]),
  ]);
}

function diagnosisTable({ diagnosis }: ExportedReport): string {
  const measured = diagnosis.some(({ only }) => only !== null);
  const of = (accuracy: ExportedAccuracy | null) => (accuracy ? percent(accuracy.top1 ?? accuracy.agreement) : "–");
  return table([
    ["Unit", "SQNR, dB", "Cosine", ...(measured ? ["Only this unit quantized", "All others quantized"] : [])],
    ...diagnosis.map(({ name, sqnr, cosine, only, without }) => [
      ...[name, sqnr === null ? "exact" : sqnr.toFixed(1), cosine.toFixed(4)],
      ...(measured ? [of(only), of(without)] : []),
    ]),
  ]);
}
