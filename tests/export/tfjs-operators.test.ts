/** Each operator of the graph, alone in a file, as TensorFlow.js runs it on two of its back ends, and as the lab reads it again: equal to the engine. */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BadInput } from "../../src/base/errors";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { writeTfjs } from "../../src/export/tfjs/write";
import { GraphBuilder } from "../../src/graph/builder";
import { shapeOf } from "../../src/graph/queries";
import { sizeOf } from "../../src/graph/types";
import { shapeRule } from "../../src/operators";
import { emptyNetwork } from "../../src/quantize/methods/method";
import { randoms } from "../support/numbers";
import { difference, engineValues } from "../support/onnx/exported";
import { OPERATIONS, OPERATOR_CASES, type OperatorCase } from "../support/operator-cases";
import { readAgain, tfjsValues } from "../support/tfjs-exported";

let device: Device;
beforeAll(async () => {
  device = await createWasmDevice(1);
});
afterAll(() => device.dispose());

const names = (json: Uint8Array | undefined): string[] =>
  JSON.parse(new TextDecoder().decode(json)).modelTopology.node.map(({ name }: { name: string }) => name);

/** [n, c, h, w] to [n, h, w, c]. */
function fromFile(data: Float32Array, [c, h, w]: readonly [number, number, number]): Float32Array {
  return Float32Array.from(data, (_, i) => {
    const [image, within] = [Math.floor(i / (c * h * w)), i % (c * h * w)];
    return data[image * c * h * w + (within % c) * h * w + Math.floor(within / c)] as number;
  });
}

describe("an operator alone", () => {
  test("there is a case for every operator", () => {
    for (const op of OPERATIONS) expect(OPERATOR_CASES.some(({ name }) => name.startsWith(op))).toBe(true);
  });

  const evenWindow: OperatorCase = {
    name: "localResponseNorm: 4 channels",
    input: [5, 4, 7],
    build: (b) => b.add("node", { op: "localResponseNorm", size: 4, alpha: 0.5, beta: 0.75, bias: 2 }, ["x"]),
  };
  test.each([...OPERATOR_CASES, evenWindow])("$name", async ({ input, build, positive }) => {
    const b = new GraphBuilder("alone", "x", input, shapeRule);
    const graph = b.build([build(b)]);
    const images = randoms(2 * sizeOf(input), 9).map((x) => (positive ? Math.abs(x) + 0.1 : x));
    const files = writeTfjs(emptyNetwork(graph));
    expect(names(files[0]?.bytes)).toContain("node");
    const expected = await engineValues(device, { graph, kernels: new Map() }, images);
    for (const backend of ["wasm", "cpu"]) {
      await tf.setBackend(backend);
      const [found] = await tfjsValues(files, images, input);
      expect([backend, difference(found as Float32Array, expected)]).toEqual([backend, expect.toSatisfy((d: number) => d < 1e-5)]);
    }
    if (input.length !== 3 && input.length !== 1) return;
    const again = await readAgain(files);
    // An image of 3 rows is taken for one of 3 channels, channels first.
    const first = shapeOf(again, again.input).join() !== input.join();
    const given = first ? fromFile(images, input as [number, number, number]) : images;
    expect(difference(await engineValues(device, emptyNetwork(again), given), expected)).toBeLessThan(1e-5);
  });
});

test("more axes than TensorFlow.js has", () => {
  const b = new GraphBuilder("deep", "x", [4, 4, 4], shapeRule);
  const graph = b.build([b.add("deep", { op: "reshape", shape: [2, 2, 2, 2, 2, 2] }, ["x"])]);
  expect(() => writeTfjs(emptyNetwork(graph))).toThrow(BadInput);
  expect(() => writeTfjs(emptyNetwork(graph))).toThrow('Node "deep" makes values of 7 axes');
});
