/** Each operator of the graph, alone in a file, as onnxruntime runs it: equal to the engine, for every rank that it takes. */
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { writeOnnx } from "../../src/export/onnx/write";
import { GraphBuilder } from "../../src/graph/builder";
import { sizeOf } from "../../src/graph/types";
import { shapeRule } from "../../src/operators";
import { emptyNetwork } from "../../src/quantize/methods/method";
import { randoms } from "../support/numbers";
import { difference, engineValues, runtimeValues, toFile } from "../support/onnx/exported";
import { OPERATIONS, OPERATOR_CASES } from "../support/operator-cases";

let device: Device;
beforeAll(async () => {
  device = await createWasmDevice(1);
});
afterAll(() => device.dispose());

describe("an operator alone", () => {
  test("there is a case for every operator", () => {
    for (const op of OPERATIONS) expect(OPERATOR_CASES.some(({ name }) => name.startsWith(op))).toBe(true);
  });

  test.each(OPERATOR_CASES)("$name", async ({ input, build, positive }) => {
    const b = new GraphBuilder("alone", "x", input, shapeRule);
    const graph = b.build([build(b)]);
    const images = randoms(2 * sizeOf(input), 9).map((x) => (positive ? Math.abs(x) + 0.1 : x));
    const bytes = writeOnnx(emptyNetwork(graph));
    const file = fromBinary(ModelProtoSchema, bytes);
    expect(file.graph?.node.some(({ name }) => name === "node") || ["transpose", "fakeQuantize"].includes(graph.nodes[0]?.operation.op ?? "")).toBe(
      true,
    );
    const expected = toFile(await engineValues(device, { graph, kernels: new Map() }, images), b.shape(graph.output));
    const found = await runtimeValues(bytes, graph, images, file.graph?.output[0]?.name as string);
    expect(difference(found, expected)).toBeLessThan(1e-5);
  });
});
