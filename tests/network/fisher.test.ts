/** Fisher weights: an image's weight is its own, however many images stand beside it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DatasetTensor, Device } from "../../src/engine/device";
import { shapeOf } from "../../src/graph/queries";
import { sizeOf } from "../../src/graph/types";
import { fisherWeights, logitsOf } from "../../src/network/fisher";
import { forward } from "../../src/network/forward";
import { partition } from "../../src/passes/partition";
import { DEVICES } from "../support/devices";
import { randoms, relativeError } from "../support/numbers";
import { residualNetwork } from "../support/residual";

const graph = residualNetwork();
const segments = partition(graph, "block");
const index = segments.findIndex(({ name }) => name.startsWith("a"));
const unit = segments[index] as (typeof segments)[number];
const elements = sizeOf(shapeOf(graph, unit.output));

describe.each(DEVICES.filter(({ name }) => name !== "wasm, 1 thread"))("on $name", ({ open }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  /** Weights of the first `count` images: the network's own logits, a little shifted, are the reference. */
  async function weightsOf(count: number): Promise<Float32Array> {
    const images = device.createTensor(count, 256);
    images.write(0, randoms(70 * 256, 3).subarray(0, count * 256));
    const run = (outputs: string[]) =>
      forward({ device, graph, nodes: graph.nodes, inputs: new Map([[graph.input, images]]), outputs, kernels: new Map() });
    const logits = (await run([logitsOf(graph)])).get(logitsOf(graph)) as DatasetTensor;
    const shifted = device.createTensor(count, logits.elements);
    shifted.write(
      0,
      (await logits.read(0, count)).map((value, i) => value + (i % 5) * 0.1),
    );
    const output = (await run([unit.output])).get(unit.output) as DatasetTensor;
    const { tensor } = await fisherWeights({
      ...{ device, graph, output: unit.output, kernels: new Map(), weight: "square", references: new Map([[graph.output, shifted]]) },
      tail: segments.slice(index + 1).flatMap(({ nodes }) => nodes),
      inputs: new Map([[unit.output, output]]),
    });
    return tensor.read(0, count);
  }

  test("the weights of 33, 64 and 70 images agree on the images that they share, the last one of a rest included", async () => {
    const most = await weightsOf(70);
    expect(Math.max(...most)).toBeGreaterThan(0);
    for (const count of [3, 33, 64]) {
      const own = await weightsOf(count);
      for (let image = 0; image < count; image++) {
        const part = (values: Float32Array) => values.subarray(image * elements, (image + 1) * elements);
        expect(relativeError(part(own), part(most)), `image ${image} of ${count}`).toBeLessThan(1e-5);
      }
    }
  });
});
