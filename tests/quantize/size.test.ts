/** Bytes of a network: packed weights, scales and zero points, and what stays at full precision. */
import { expect, test } from "vitest";
import { layersOf } from "../../src/graph/queries";
import { floatBytes, layerBytes, networkBytes } from "../../src/quantize/size";
import { builtin } from "../support/builtin";

const graph = builtin("shapes-resnet14");
const layers = layersOf(graph);
const CHANNEL = { granularity: "channel", symmetric: false } as const;

const weights = layers.map(({ operation }) => operation.kernel.data.length);
const biases = layers.reduce((sum, { operation }) => sum + (operation.bias?.data.length ?? 0), 0);
const channels = layers.reduce((sum, { operation }) => sum + (operation.kernel.shape.at(-1) as number), 0);
const total = weights.reduce((sum, count) => sum + count, 0);

test("at full precision every parameter takes four bytes", () => {
  expect(floatBytes(graph)).toBe(4 * (total + biases));
});

test("at 2 bit a weight takes two bits, but for the first and last layer's eight; a channel a scale and a zero point", () => {
  const ends = (weights[0] as number) + (weights.at(-1) as number);
  const packed = ends + weights.slice(1, -1).reduce((sum, count) => sum + Math.ceil(count / 4), 0);
  expect(networkBytes(graph, { bits: 2, ...CHANNEL })).toBe(packed + 5 * channels + 4 * biases);
  // A symmetric grid stores no zero point, a common one a single scale a layer.
  expect(networkBytes(graph, { bits: 2, granularity: "tensor", symmetric: true })).toBe(packed + 4 * layers.length + 4 * biases);
});

test("a layer in float has no scales, and one assigned has its own width", () => {
  const [, second] = layers;
  if (!second) throw new Error("no second layer");
  const bias = 4 * (second.operation.bias?.data.length ?? 0);
  expect(layerBytes(second, 32, CHANNEL)).toBe(4 * second.operation.kernel.data.length + bias);
  const common = networkBytes(graph, { bits: 2, ...CHANNEL });
  const wider = networkBytes(graph, { bits: 2, assignment: { [second.name]: 3 }, ...CHANNEL });
  expect(wider - common).toBe(Math.ceil((3 * second.operation.kernel.data.length) / 8) - Math.ceil(second.operation.kernel.data.length / 4));
  const inFloat = networkBytes(graph, { bits: 2, overrides: [{ layers: second.name, bits: "float" }], ...CHANNEL });
  expect(inFloat - common).toBe(layerBytes(second, 32, CHANNEL) - layerBytes(second, 2, CHANNEL));
});
