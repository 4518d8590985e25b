/**
 * AIMET's quantization encodings (qualcomm/aimet, Docs/techniques/encoding_spec.rst), which Qualcomm's QNN reads beside a
 * float ONNX file: scales and zero points by tensor name, no weights. Version 2.0.0 names types of 2, 4 and 8 bit; where
 * another width occurs, version 1.0.0, whose `bw` takes any.
 *
 * 2.0.0: q = clamp(round(x / y_scale) + y_zero_point) in the range of output_dtype; parameters whose grids are symmetric are
 * `int`, all else `uint`. 1.0.0: q is 0..2^bw - 1 and x = (q + offset) * scale, so the offset is minus the zero point.
 *
 * The file that they belong to is the float network with batch normalization folded. Where a method decided roundings or
 * moved weights, its encodings give the network's own weights only for kernels that are on the grid already, as those
 * of the other exports are.
 */
import { levelsOf } from "../quantize/quantizer";
import { type ExportedFile, type ExportOptions, parameterNames, type QuantizedArtifact, tensorName, textFile } from "./artifact";
import { type LayerCodes, layerCodes } from "./codes";

/** One tensor's quantizer, whatever the version. */
interface TensorGrid {
  readonly name: string;
  readonly bits: number;
  readonly scale: readonly number[];
  readonly zero: readonly number[];
  /** The axis of the output channels where each has its own scale. */
  readonly axis: number | null;
  readonly symmetric: boolean;
}

const NAMED_WIDTHS: readonly number[] = [2, 4, 8];

/** NAME.encodings. */
export async function encodings(artifact: QuantizedArtifact, { name }: ExportOptions): Promise<ExportedFile[]> {
  const [parameters, activations] = [parameterGrids(artifact), activationGrids(artifact)];
  const named = [...parameters, ...activations].every(({ bits }) => NAMED_WIDTHS.includes(bits));
  const content = named ? version2([...activations, ...parameters]) : version1(parameters, activations, artifact);
  return [textFile(`${name}.encodings`, "application/json", `${JSON.stringify(content, null, 2)}\n`)];
}

function parameterGrids({ graph, network }: QuantizedArtifact): TensorGrid[] {
  const names = parameterNames(graph);
  return layerCodes(network).flatMap(({ layer, codes }) => {
    if (!codes) return [];
    const { source } = layer.operation.kernel;
    const name = names.get(layer.name)?.kernel as string;
    const axis = source?.name === name ? source.axis : 0;
    return [
      {
        name,
        bits: codes.bits,
        scale: [...codes.scale],
        zero: [...codes.zero],
        axis: codes.scale.length > 1 ? axis : null,
        symmetric: isSymmetric(codes),
      },
    ];
  });
}

const isSymmetric = ({ bits, zero }: LayerCodes) => zero.every((value) => value === levelsOf(bits) / 2);

function activationGrids({ graph, network }: QuantizedArtifact): TensorGrid[] {
  return [...network.quantizers].map(([value, { bits, scale, zero }]) => ({
    ...{ name: tensorName(graph, value), bits, scale: [Math.fround(scale)], zero: [zero + 0], axis: null, symmetric: false },
  }));
}

function version2(grids: readonly TensorGrid[]): object {
  return {
    version: "2.0.0",
    encodings: grids.map(({ name, bits, scale, zero, axis, symmetric }) => ({
      name,
      output_dtype: `${symmetric ? "int" : "uint"}${bits}`,
      y_scale: axis === null ? scale[0] : scale,
      ...(symmetric ? {} : { y_zero_point: axis === null ? zero[0] : zero }),
      ...(axis === null ? {} : { axis }),
    })),
  };
}

function version1(parameters: readonly TensorGrid[], activations: readonly TensorGrid[], { network, recipe }: QuantizedArtifact): object {
  const dictionary = ({ name, bits, scale, zero, axis, symmetric }: TensorGrid) => ({
    name,
    enc_type: axis === null ? "PER_TENSOR" : "PER_CHANNEL",
    dtype: "INT",
    bw: bits,
    is_sym: symmetric,
    scale,
    offset: zero.map((value) => 0 - value),
  });
  return {
    version: "1.0.0",
    activation_encodings: activations.map(dictionary),
    param_encodings: parameters.map(dictionary),
    quantizer_args: {
      activation_bitwidth: recipe.activations?.bits ?? 32,
      dtype: "int",
      is_symmetric: recipe.weights.symmetric,
      param_bitwidth: recipe.weights.bits,
      per_channel_quantization: recipe.weights.granularity === "channel",
      quant_scheme: recipe.weights.scale === "max" ? "post_training_tf" : "post_training_tf_enhanced",
    },
    excluded_layers: layerCodes(network).flatMap(({ layer, codes }) => (codes ? [] : [layer.name])),
  };
}
