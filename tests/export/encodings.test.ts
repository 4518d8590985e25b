/**
 * AIMET encodings: of the form that their specification gives (schemas/), and applied, as that says, to the float kernels in
 * the ONNX file's own layout they give the weights of the network that ran.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { Ajv } from "ajv";
import { ModelProtoSchema } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { encodings } from "../../src/export/encodings";
import { layersOf } from "../../src/graph/queries";
import type { Layer } from "../../src/graph/types";
import { roundEven } from "../../src/quantize/quantizer";
import { artifactOfRun, RUNS } from "../support/artifact";
import { builtinBytes } from "../support/builtin";

const ajv = new Ajv({ strict: false });
const schemas = Object.fromEntries(
  ["1.0.0", "2.0.0"].map((version) => [
    version,
    ajv.compile(JSON.parse(readFileSync(fileURLToPath(new URL(`schemas/aimet-${version}.json`, import.meta.url)), "utf8"))),
  ]),
);

interface Grid {
  readonly scale: readonly number[];
  readonly zero: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** A tensor's quantizer as each version's text says it: q = clamp(round(x / scale) + zero, low, high). */
function gridOf(entry: any): Grid {
  if (entry.enc_type) return { scale: entry.scale, zero: entry.offset.map((offset: number) => 0 - offset), low: 0, high: 2 ** entry.bw - 1 };
  const [, unsigned, bits] = /^(u?)int(\d+)$/.exec(entry.output_dtype) as unknown as [string, string, string];
  const scale = [entry.y_scale].flat();
  const zero = entry.y_zero_point === undefined ? scale.map(() => 0) : [entry.y_zero_point].flat();
  return { scale, zero, low: unsigned ? 0 : -(2 ** (Number(bits) - 1)), high: unsigned ? 2 ** Number(bits) - 1 : 2 ** (Number(bits) - 1) - 1 };
}

/** The lab's kernel quantized by the grid of its output channels. */
function applied({ operation: { kernel } }: Layer, { scale, zero, low, high }: Grid): Float32Array {
  const channels = kernel.shape.at(-1) as number;
  return kernel.data.map((w, i) => {
    const c = scale.length === 1 ? 0 : i % channels;
    const [s, z] = [scale[c] as number, zero[c] as number];
    return (Math.min(high, Math.max(low, roundEven(Math.fround(w / s)) + z)) - z) * s;
  });
}

describe("encodings", () => {
  for (const [what, model, change] of RUNS.filter(([name]) => /nearest|DFQ|BRECQ/.test(name)))
    test(`${what} (${model})`, async () => {
      const artifact = await artifactOfRun(model, change);
      const files = await encodings(artifact, { name: "net" });
      expect(files.map(({ name }) => name)).toEqual(["net.encodings"]);
      const content = JSON.parse(new TextDecoder().decode(files[0]?.bytes));
      const { graph, network } = artifact;
      const file = fromBinary(ModelProtoSchema, builtinBytes(model)).graph;
      const initializers = new Map(file?.initializer.map(({ name, dims }) => [name, dims.map(Number)]));
      const outputs = new Set(file?.node.flatMap(({ output }) => output));
      const bits = [...network.weights.values(), ...network.quantizers.values()].map((one) => one.bits);
      expect(content.version).toBe(bits.every((width) => [2, 4, 8].includes(width)) ? "2.0.0" : "1.0.0");
      const valid = schemas[content.version];
      valid?.(content);
      expect(valid?.errors ?? []).toEqual([]);
      const entries: any[] = content.encodings ?? [...content.param_encodings, ...content.activation_encodings];
      expect(entries).toHaveLength(network.weights.size + network.quantizers.size);
      for (const layer of layersOf(graph)) {
        const source = layer.operation.kernel.source as { name: string; axis: number };
        expect(initializers.get(source.name)?.at(source.axis)).toBe(layer.operation.kernel.shape.at(-1));
        const entry = entries.find(({ name }) => name === source.name);
        if (!network.weights.has(layer.name)) {
          expect(entry).toBeUndefined();
          expect(content.excluded_layers).toContain(layer.name);
          continue;
        }
        if (entry.axis !== undefined) expect(entry.axis).toBe(source.axis);
        const kernel = network.kernels.get(layer.name) as Float32Array;
        // What trained roundings decided is no property of the grid; nearest rounding is.
        const rounded = what.includes("BRECQ")
          ? { ...layer, operation: { ...layer.operation, kernel: { ...layer.operation.kernel, data: kernel } } }
          : layer;
        const again = applied(rounded as Layer, gridOf(entry));
        expect(again.every((w, i) => Math.abs(w - (kernel[i] as number)) <= 2 ** -23 * Math.abs(w))).toBe(true);
      }
      for (const [value, qparams] of network.quantizers) {
        const tensor = graph.names?.get(value) as string;
        expect(outputs.has(tensor)).toBe(true);
        const entry = entries.find(({ name }) => name === tensor);
        const { scale, zero, low, high } = gridOf(entry);
        expect([scale, zero, low, high]).toEqual([[Math.fround(qparams.scale)], [qparams.zero + 0], 0, 2 ** qparams.bits - 1]);
      }
    });
});
