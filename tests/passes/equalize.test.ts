/** Cross-layer equalization: the same function, with kernels whose channels have the same range. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { layersOf } from "../../src/graph/queries";
import type { Graph, Layer } from "../../src/graph/types";
import { score } from "../../src/network/evaluate";
import { equalizablePairs, equalize, inputChannelOf, withoutCaps } from "../../src/passes/equalize";
import { momentsOf } from "../../src/passes/moments";
import { absorbBiases } from "../../src/quantize/methods/dfq";
import { builtin } from "../support/builtin";
import { randoms, relativeError } from "../support/numbers";

describe("equalization of the inverted-residual demo", () => {
  let device: Device;
  beforeAll(async () => {
    device = await createWasmDevice(1);
  });
  afterAll(() => device.dispose());

  async function logits(graph: Graph): Promise<Float32Array> {
    const images = device.createTensor(8, 3072);
    images.write(0, randoms(8 * 3072, 3));
    const scores = await score(device, graph, images, { kernels: new Map() });
    images.dispose();
    return scores.logits;
  }

  const start = builtin("shapes-mobilenet-bn");
  const pairs = equalizablePairs(start);
  const graph = withoutCaps(start, pairs);
  const equal = equalize(graph, pairs);

  test("pairs: expansion with depthwise, depthwise with projection, and layers that nothing else reads", () => {
    const names = pairs.map(({ first, second }) => `${first} > ${second}`);
    expect(names).toHaveLength(13);
    expect(names.filter((name) => /expand.*> .*depthwise/.test(name))).toHaveLength(6);
    expect(names.filter((name) => /depthwise.*> .*project/.test(name))).toHaveLength(6);
  });

  test("full-precision outputs are unchanged to 1e-5", async () => {
    expect(relativeError(await logits(equal), await logits(graph))).toBeLessThan(1e-5);
  });

  test("the ranges of both kernels of a pair meet, and their spread over channels shrinks", () => {
    const rangesOf = (layer: Layer, side: "out" | "in") => {
      const { data, shape } = layer.operation.kernel;
      const channels = shape.at(-1) as number;
      const reader = inputChannelOf(layer);
      const ranges: number[] = [];
      data.forEach((value, i) => {
        const c = side === "out" ? i % channels : reader(i);
        ranges[c] = Math.max(ranges[c] ?? 0, Math.abs(value));
      });
      return ranges;
    };
    const find = (of: Graph, name: string) => layersOf(of).find((layer) => layer.name === name) as Layer;
    const spread = (values: number[]) => Math.max(...values) / Math.min(...values.filter((value) => value > 0));
    let [before, after] = [0, 0];
    for (const { first, second } of pairs) {
      const [r1, r2] = [rangesOf(find(equal, first), "out"), rangesOf(find(equal, second), "in")];
      r1.forEach((range, c) => {
        if (range > 0 && (r2[c] as number) > 0) expect(Math.abs(range / (r2[c] as number) - 1)).toBeLessThan(0.01);
      });
      before += Math.log(spread(rangesOf(find(graph, first), "out")));
      after += Math.log(spread(r1));
    }
    expect(after).toBeLessThan(before);
  });

  test("absorbing biases leaves the network as it is where ReLU lets them through", async () => {
    const absorbed = absorbBiases(equal, pairs);
    const changed = layersOf(absorbed).filter((layer, i) => layer !== layersOf(equal)[i]);
    if (changed.length > 0) expect(relativeError(await logits(absorbed), await logits(equal))).toBeLessThan(0.05);
    else expect(absorbed.nodes).toEqual(equal.nodes);
  });

  test("mean inputs follow from batch-norm statistics for every layer but the first", () => {
    const moments = momentsOf(start);
    const known = layersOf(start).filter(({ inputs }) => moments.has(inputs[0] as string));
    expect(known).toHaveLength(layersOf(start).length - 1);
  });
});
