/**
 * Packed weights: every quantized kernel at its true bits in compressed-tensors' `pack-quantized` layout (pack.ts), all
 * else in float32, with a JSON file that says how it was quantized. Kernels are matrices [out, in * kh * kw] of PyTorch's order
 * (OIHW); `weight_shape` holds the kernel's own shape.
 *
 * Of a layer NAME: NAME.weight_packed (int32), NAME.weight_scale [out, 1] (float32), NAME.weight_zero_point (int32, packed
 * like weights, down the channels; absent where it is 2^(bits - 1) everywhere, which is 0 as a signed code),
 * NAME.weight_shape (int64), NAME.bias (float32). A layer that has no codes, or whose zero points fit no 8 bit, keeps
 * NAME.weight in float32.
 */
import { type Graph, isLayer, type Layer, type Tensor } from "../../graph/types";
import { FLOAT_BITS } from "../../quantize/layer-widths";
import { biasOf, type ExportedFile, type ExportOptions, parameterNames, type QuantizedArtifact, tensorName, textFile } from "../artifact";
import { codesOf, type LayerCodes } from "../codes";
import { outputsFirst, shapeOutputsFirst } from "../layout";
import { provenanceOf } from "../provenance";
import { type FileTensor, safetensorsFile } from "./file";
import { type FittedCodes, fitToBits, packRows } from "./pack";

/** Where the layout is defined. */
const LAYOUT =
  "compressed-tensors pack-quantized, dense (vllm-project/compressed-tensors pull request 732: codes follow one another across 32-bit words)";

/** How a layer's weights are stored. */
interface StoredLayer {
  readonly layer: Layer;
  /** What the file calls the layer: its module where the parameter is MODULE.weight. */
  readonly name: string;
  readonly codes: LayerCodes | null;
  readonly fitted: FittedCodes | null;
}

/** NAME.safetensors and NAME.safetensors.json. */
export async function safetensors(artifact: QuantizedArtifact, { name }: ExportOptions): Promise<ExportedFile[]> {
  const stored = storedLayers(artifact);
  const config = configOf(artifact, stored);
  const tensors = [...stored.flatMap((one) => layerTensors(one, artifact)), ...otherTensors(artifact.graph)];
  const metadata = { format: "pt", layout: LAYOUT, "brecq-lab": JSON.stringify(config) };
  return [
    { name: `${name}.safetensors`, type: "application/octet-stream", bytes: safetensorsFile(tensors, metadata) },
    textFile(`${name}.safetensors.json`, "application/json", `${JSON.stringify(config, null, 2)}\n`),
  ];
}

function storedLayers({ graph, network }: QuantizedArtifact): StoredLayer[] {
  const names = parameterNames(graph);
  const taken = new Set<string>();
  return graph.nodes.filter(isLayer).map((layer) => {
    const module = names.get(layer.name)?.kernel.match(/^(.+)\.weight$/)?.[1];
    const name = module === undefined || taken.has(module) ? layer.name : module;
    taken.add(name);
    const codes = codesOf(layer, network);
    return { layer, name, codes, fitted: codes && fitToBits(codes, layer.operation.kernel.shape.at(-1) as number) };
  });
}

function layerTensors({ layer, name, fitted }: StoredLayer, { network }: QuantizedArtifact): FileTensor[] {
  const { kernel } = layer.operation;
  const shape = shapeOutputsFirst(kernel.shape);
  const outputs = shape[0] as number;
  const bias = biasOf(layer, network);
  const rest: FileTensor[] = bias ? [{ name: `${name}.bias`, shape: [outputs], data: bias }] : [];
  if (!fitted) {
    const data = outputsFirst(network.kernels.get(layer.name) ?? kernel.data, kernel.shape);
    return [{ name: `${name}.weight`, shape, data }, ...rest];
  }
  const { bits, codes, scale, zero } = fitted;
  const packed = packRows(outputsFirst(codes, kernel.shape), outputs, bits);
  const zeros = packRows(zero, 1, bits);
  return [
    { name: `${name}.weight_packed`, shape: [outputs, packed.length / outputs], data: packed },
    { name: `${name}.weight_scale`, shape: [outputs, 1], data: scale },
    ...(isSymmetric(fitted) ? [] : [{ name: `${name}.weight_zero_point`, shape: [zeros.length, 1], data: zeros }]),
    { name: `${name}.weight_shape`, shape: [shape.length], data: BigInt64Array.from(shape, BigInt) },
    ...rest,
  ];
}

const isSymmetric = ({ bits, zero }: FittedCodes) => zero.every((value) => value === 2 ** (bits - 1));

/** Parameters of what is no layer: NODE.FIELD. */
function otherTensors(graph: Graph): FileTensor[] {
  const isTensor = (value: unknown): value is Tensor => typeof value === "object" && value !== null && "data" in value && "shape" in value;
  return graph.nodes
    .filter((node) => !isLayer(node))
    .flatMap(({ name, operation }) =>
      Object.entries(operation).flatMap(([field, value]) =>
        isTensor(value) ? [{ name: `${name}.${field}`, shape: value.shape, data: value.data }] : [],
      ),
    );
}

function bounds({ low, high }: { readonly low: number; readonly high: number }): object {
  const finite = (bound: number) => (Number.isFinite(bound) ? bound : null);
  return { low: finite(low), high: finite(high) };
}

/** `quantization_config` as compressed-tensors writes it, and what it has no place for. */
function configOf({ graph, network, recipe, report }: QuantizedArtifact, stored: readonly StoredLayer[]): object {
  const groups = new Map<string, { weights: object; targets: string[] }>();
  for (const { name, fitted } of stored) {
    if (!fitted) continue;
    const weights = { num_bits: fitted.bits, type: "int", symmetric: isSymmetric(fitted), strategy: "channel", group_size: null, dynamic: false };
    const key = JSON.stringify(weights);
    const group = groups.get(key) ?? { weights, targets: [] };
    group.targets.push(name);
    groups.set(key, group);
  }
  return {
    layout: LAYOUT,
    quantization_config: {
      quant_method: "compressed-tensors",
      format: "pack-quantized",
      quantization_status: "compressed",
      config_groups: Object.fromEntries(
        [...groups.values()].map(({ weights, targets }, i) => [
          `group_${i}`,
          { targets, weights, input_activations: null, output_activations: null, format: "pack-quantized" },
        ]),
      ),
      ignore: stored.filter(({ fitted }) => !fitted).map(({ name }) => name),
      kv_cache_scheme: null,
    },
    layers: stored.map(({ layer, name, codes, fitted }) => ({
      name,
      node: layer.name,
      bits: codes?.bits ?? FLOAT_BITS,
      stored_bits: fitted?.bits ?? FLOAT_BITS,
      shape: shapeOutputsFirst(layer.operation.kernel.shape),
    })),
    activations: [...network.quantizers].map(([value, { bits, scale, zero }]) => ({
      tensor: tensorName(graph, value),
      bits,
      scale,
      zero_point: zero + 0,
    })),
    // Methods may change them: DFQ makes ReLU of ReLU6. No bound is null.
    clamps: graph.nodes.flatMap(({ name, operation }) => (operation.op === "clamp" ? [{ node: name, ...bounds(operation) }] : [])),
    ...provenanceOf({ recipe, report }),
  };
}
