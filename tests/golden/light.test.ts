/**
 * The ONNX project's own backend test of nine classic architectures at full size, whose weights are all one constant: our
 * outputs for its input against its expected ones, within the relative 1e-3 and absolute 1e-7 that it asks.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { TensorProtoSchema } from "onnx-buf";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { createWasmDevice, type WasmDevice } from "../../src/engine/wasm/device";
import { readTensor } from "../../src/formats/onnx/tensors";
import { shapeOf } from "../../src/graph/queries";
import { sizeOf } from "../../src/graph/types";
import { forward } from "../../src/network/forward";
import { prepare } from "../../src/passes/prepare";
import { toNhwc } from "../support/layout";
import { readOnnx } from "../support/onnx/read";
import { sharedBytes, sharedTest } from "../support/shared";

const NETWORKS = ["bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet", "vgg19", "zfnet512"];

describe("ONNX's light models", () => {
  let device: WasmDevice;
  beforeAll(async () => {
    device = await createWasmDevice(2);
  });
  afterAll(() => device.dispose());

  for (const name of NETWORKS)
    sharedTest(
      name,
      async () => {
        const path = `models/onnx-light/light_${name}`;
        const graph = prepare(readOnnx(sharedBytes(`${path}.onnx`), `${name}.onnx`));
        const [h, w, c] = shapeOf(graph, graph.input) as [number, number, number];
        const count = h * w * c;
        const images = device.createTensor(1, count);
        images.write(
          0,
          toNhwc(
            Float32Array.from({ length: count }, (_, i) => i / count),
            [1, c, h, w],
          ),
        );
        const inputs = new Map([[graph.input, images]]);
        const made = await forward({ device, graph, nodes: graph.nodes, inputs, outputs: [graph.output], kernels: new Map() });
        const found = await made.get(graph.output)?.read(0, 1);
        const expected = readTensor(fromBinary(TensorProtoSchema, sharedBytes(`${path}_output_0.pb`)), name);
        expect(found).toHaveLength(sizeOf(expected.dims));
        const wrong = expected.data.findIndex((value, i) => !(Math.abs((found?.[i] as number) - value) <= 1e-7 + 1e-3 * Math.abs(value)));
        expect(wrong, `${found?.[wrong]} where ${expected.data[wrong]} was expected`).toBe(-1);
        for (const tensor of [images, ...made.values()]) tensor.dispose();
      },
      120_000,
    );
});
