/** Draws up a network for people to look at: its units, layers and operations in order. */
import type { UnaryFunction } from "../../base/unary";
import { macsOf } from "../../graph/macs";
import { layersOf, shapeOf } from "../../graph/queries";
import { type Graph, isLayer, type Layer, type Node } from "../../graph/types";
import { partition, type Segment } from "../../passes/partition";
import { shortName } from "../../passes/short-name";
import type { UnitKind } from "../../passes/unit-kinds";
import type { WeightWidths } from "../../quantize/layer-widths";
import { readsByLayer } from "../../quantize/reads";
import { unitsOf, untrainedLayers } from "../../quantize/units";
import type { LayerView, NetworkView, NodeView, UnitView } from "./view";

function kindOf({ operation }: Layer): string {
  if (operation.op === "linear") return "linear";
  const [kh, kw, depth] = operation.kernel.shape;
  const sort = operation.groups === 1 ? "conv" : depth === 1 ? "depthwise" : `grouped conv (${operation.groups})`;
  return `${sort} ${kh}x${kw}${operation.strides[0] > 1 ? `, stride ${operation.strides[0]}` : ""}`;
}

const OPERATION_NAMES: Partial<Record<Node["operation"]["op"], string>> = {
  affine: "batch norm",
  mul: "multiply",
  matMul: "matrix product",
  maxPool: "max pool",
  averagePool: "average pool",
  globalAveragePool: "global average pool",
  layerNorm: "layer norm",
  groupNorm: "group norm",
  localResponseNorm: "local response norm",
  fakeQuantize: "quantize",
  prelu: "PReLU",
};

const FUNCTION_NAMES: Partial<Record<UnaryFunction["fn"], string>> = {
  hardSigmoid: "hard sigmoid",
  hardSwish: "hard swish",
  silu: "SiLU",
  gelu: "GELU",
  geluTanh: "GELU",
  leakyRelu: "leaky ReLU",
  elu: "ELU",
};

function operationName({ operation }: Node): string {
  if (operation.op === "clamp") return operation.low === 0 ? (operation.high === 6 ? "ReLU6" : "ReLU") : "clip";
  if (operation.op === "unary") return FUNCTION_NAMES[operation.fn] ?? operation.fn;
  if (operation.op === "reduce") return operation.kind;
  return OPERATION_NAMES[operation.op] ?? operation.op;
}

/** @param widths by which layers are reconstructed: segments that have none count among no units */
export function viewNetwork(graph: Graph, kind: UnitKind, widths: Pick<WeightWidths, "firstLastBits" | "overrides"> = {}): NetworkView {
  const layers = layersOf(graph);
  const segments = partition(graph, kind);
  const units = unitsOf(segments, untrainedLayers(graph, widths));
  const reads = readsByLayer(graph);
  const layerView = (layer: Layer): LayerView => ({
    name: shortName(layer.name),
    id: layer.name,
    kind: kindOf(layer),
    kernel: layer.operation.kernel.shape,
    output: shapeOf(graph, layer.output),
    parameters: layer.operation.kernel.data.length + (layer.operation.bias?.data.length ?? 0),
    macs: macsOf(graph, layer),
    reads: reads.get(layer.name) ?? [],
    position: layer === layers[0] ? "first" : layer === layers.at(-1) ? "last" : "inner",
  });
  const makers = new Map(graph.nodes.map((node) => [node.output, node.name]));
  const nodeView = (node: Node): NodeView => ({
    id: node.name,
    layer: isLayer(node),
    title: isLayer(node) ? kindOf(node) : operationName(node),
    inputs: node.inputs.map((value) => makers.get(value) ?? ""),
  });
  const unitView = (segment: Segment): UnitView => ({
    name: segment.name,
    unit: units.includes(segment) ? units.indexOf(segment) : null,
    layers: segment.layers.map(layerView),
    operations: segment.nodes.filter((node) => !isLayer(node)).map(operationName),
    nodes: segment.nodes.map(nodeView),
    output: shapeOf(graph, segment.output),
  });
  const views = segments.map(unitView);
  const all = views.flatMap((unit) => unit.layers);
  return {
    name: graph.name,
    input: shapeOf(graph, graph.input),
    classes: shapeOf(graph, graph.output).at(-1) as number,
    parameters: all.reduce((sum, layer) => sum + layer.parameters, 0),
    macs: all.reduce((sum, layer) => sum + layer.macs, 0),
    units: views,
  };
}
