/**
 * Networks beside the checkout: ONNX's own light models against the outputs that come with them, and detectors as their authors
 * exported them against onnxruntime.
 */
import { readdirSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { TensorProtoSchema } from "onnx-buf";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { createWasmDevice, type WasmDevice } from "../../src/engine/wasm/device";
import { readModel } from "../../src/formats";
import { readTensor } from "../../src/formats/onnx/tensors";
import type { Shape } from "../../src/graph/types";
import { prepare } from "../../src/passes/prepare";
import { randoms } from "../support/numbers";
import { differences, engineOutputs, modelFiles, openSession, type Values } from "../support/onnx/runtime";
import { SHARED, sharedBytes, sharedPath, sharedTest } from "../support/shared";

/** Milliseconds: VGG-19 has 140 million weights. */
const PATIENCE = 300_000;

let device: WasmDevice;
beforeAll(async () => {
  device = await createWasmDevice(2);
});
afterAll(() => device.dispose());

const LIGHT = SHARED ? readdirSync(sharedPath("models/onnx-light")).filter((file) => file.endsWith(".onnx")) : [];

describe("ONNX's light models have the outputs that come with them", () => {
  sharedTest("all nine are there", () => expect(LIGHT).toHaveLength(9));

  for (const file of LIGHT)
    sharedTest(
      file,
      async () => {
        const graph = prepare(await readModel(await modelFiles(sharedPath(`models/onnx-light/${file}`))));
        const [h, w, c] = graph.shapes.get(graph.input) as [number, number, number];
        // As onnx/backend/test/runner makes its input: 0, 1, .. divided by their number, in the file's order.
        const input: Values = { dims: [1, c, h, w], data: Float32Array.from({ length: c * h * w }, (_, i) => i / (c * h * w)) };
        const tensor = fromBinary(TensorProtoSchema, sharedBytes(`models/onnx-light/${file.replace(".onnx", "_output_0.pb")}`));
        const { dims, data } = readTensor(tensor, file);
        const [difference] = differences(await engineOutputs(device, graph, input), [{ dims, data: Float32Array.from(data) }]);
        expect(difference).toBeLessThan(1e-3);
      },
      PATIENCE,
    );
});

describe("detectors have onnxruntime's outputs", () => {
  const detectors: readonly [file: string, outputs: readonly Shape[]][] = [
    ["yolox-nano-coco/yolox_nano.onnx", [[3549, 85]]],
    [
      "retinaface-mobilenet0.25/retinaface-mobilenet0.25-320-bn.onnx",
      [
        [4200, 4],
        [4200, 2],
        [4200, 10],
      ],
    ],
    [
      "ultraface-rfb320/version-RFB-320_without_postprocessing.onnx",
      [
        [4420, 2],
        [4420, 4],
      ],
    ],
  ];
  for (const [file, outputs] of detectors)
    sharedTest(
      file,
      async () => {
        const files = await modelFiles(sharedPath(`models/${file}`));
        const graph = prepare(await readModel(files));
        expect(graph.outputs.map((output) => graph.shapes.get(output))).toEqual(outputs);
        const [h, w, c] = graph.shapes.get(graph.input) as [number, number, number];
        const input: Values = { dims: [1, c, h, w], data: randoms(c * h * w, 9) };
        const session = await openSession(files);
        const expected = await session.run(input);
        await session.dispose();
        for (const difference of differences(await engineOutputs(device, graph, input), expected)) expect(difference).toBeLessThan(1e-4);
      },
      PATIENCE,
    );
});
