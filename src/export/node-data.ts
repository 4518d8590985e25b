/**
 * Node data for Google's Model Explorer (google-ai-edge/model-explorer, "custom node data"; the fields are those of
 * NodeDataProviderGraphData): a number for each node of the exported ONNX file, which the viewer paints onto the graph. One
 * file holds one number, so there is a file each for bits, reconstruction loss, noise and sensitivity.
 *
 * Nodes are keyed by their names, which are the identifiers that its ONNX adapter gives them. A number that was measured
 * for a unit stands at each layer of the unit.
 */
import type { Layer } from "../graph/types";
import { partition } from "../passes/partition";
import { FLOAT_BITS } from "../quantize/layer-widths";
import { METHOD_CATALOG } from "../quantize/methods/catalog";
import { type ExportedFile, type ExportOptions, type QuantizedArtifact, textFile } from "./artifact";
import { layerCodes } from "./codes";

type Values = ReadonlyMap<string, number>;

interface NodeData {
  readonly id: string;
  readonly name: string;
  readonly values: Values;
  /** Colours at the least and the greatest value. */
  readonly colours: readonly [low: string, high: string];
}

const [BAD, GOOD] = ["#f2a983", "#8fd0b5"];

/** NAME.bits.nodes.json, and others of what the run measured. */
export async function nodeData(artifact: QuantizedArtifact, { name }: ExportOptions): Promise<ExportedFile[]> {
  return dataOf(artifact)
    .filter(({ values }) => values.size > 0)
    .map(({ id, name: title, values, colours: [low, high] }) => {
      const results = Object.fromEntries([...values].map(([node, value]) => [node, { value }]));
      const gradient = [
        { stop: 0, bgColor: low },
        { stop: 1, bgColor: high },
      ];
      return textFile(`${name}.${id}.nodes.json`, "application/json", `${JSON.stringify({ name: title, results, gradient }, null, 2)}\n`);
    });
}

function dataOf({ graph, network, report, recipe, sensitivity }: QuantizedArtifact): NodeData[] {
  const layers = layerCodes(network);
  const units = new Map(
    partition(graph, METHOD_CATALOG[recipe.method].optimizes === "unit" ? recipe.unit : "layer").map((unit) => [unit.name, unit]),
  );
  /** Numbers of units, at each of their layers. */
  const byLayer = (rows: readonly (readonly [unit: string, value: number | null])[]): Values =>
    new Map(
      rows.flatMap(([unit, value]) => (value === null ? [] : (units.get(unit)?.layers ?? []).map(({ name }) => [name, value] as [string, number]))),
    );
  const lost = (only: { readonly top1: number | null; readonly agreement: number }) => {
    const { top1, agreement } = report.accuracy.fullPrecision;
    return top1 === null || only.top1 === null ? agreement - only.agreement : top1 - only.top1;
  };
  const predicted = new Map(
    layers.flatMap(({ layer, codes }) => {
      const row = sensitivity?.layers.find(({ name }) => name === layer.name);
      const loss = row && codes ? row.losses[row.fixed === null ? (sensitivity?.bits.indexOf(codes.bits) ?? -1) : 0] : undefined;
      return loss === undefined ? [] : [[layer.name, loss] as const];
    }),
  );
  return [
    {
      id: "bits",
      name: "Bits of the weights",
      values: new Map(layers.map(({ layer, codes }) => [layer.name, codes?.bits ?? FLOAT_BITS])),
      colours: [BAD, GOOD],
    },
    {
      id: "loss",
      name: "Reconstruction loss of the unit",
      values: byLayer(report.units.filter(({ phase }) => phase === "weights").map(({ name, loss }) => [name, loss.last])),
      colours: [GOOD, BAD],
    },
    {
      id: "noise",
      name: "Signal-to-quantization-noise ratio of the weights, dB",
      values: new Map(layers.flatMap(({ layer }) => noiseOf(layer, network.kernels.get(layer.name)))),
      colours: [BAD, GOOD],
    },
    {
      id: "output-noise",
      name: "Signal-to-quantization-noise ratio of the unit's output, dB",
      values: byLayer(report.diagnosis.map(({ name, sqnr }) => [name, sqnr])),
      colours: [BAD, GOOD],
    },
    { id: "sensitivity", name: "Loss that the layer adds at its width, nats", values: predicted, colours: [GOOD, BAD] },
    {
      id: "accuracy-lost",
      name: "Points of accuracy lost with the unit alone quantized",
      values: byLayer(report.diagnosis.map(({ name, only }) => [name, only && lost(only)])),
      colours: [GOOD, BAD],
    },
  ];
}

/** 10 log10 of a kernel's energy over its error's; nothing where there is no error. */
function noiseOf({ name, operation }: Layer, quantized: Float32Array | undefined): [string, number][] {
  if (!quantized) return [];
  let [energy, error] = [0, 0];
  operation.kernel.data.forEach((w, i) => {
    energy += w * w;
    error += (w - (quantized[i] as number)) ** 2;
  });
  return error > 0 && energy > 0 ? [[name, 10 * Math.log10(energy / error)]] : [];
}
