/** One operator as the engine computes it, forward and backward, against tfjs and its autodiff. */
import * as tf from "@tensorflow/tfjs";
import { differentiate } from "../../src/engine/autodiff";
import type { Device } from "../../src/engine/device";
import { ProgramBuilder } from "../../src/engine/program";
import { GraphBuilder } from "../../src/graph/builder";
import type { Operation, Shape } from "../../src/graph/types";
import { lowerNodes } from "../../src/network/lower";
import { shapeRule } from "../../src/operators";
import { randoms, relativeError } from "../support/numbers";

export interface OperatorCase {
  readonly name: string;
  readonly operation: Operation;
  /** Of the inputs, without the batch; the first is the graph's own, a second one is made from it. */
  readonly inputs: readonly Shape[];
  /** With the batch in front. */
  readonly oracle: (...inputs: tf.Tensor[]) => tf.Tensor;
  /** What is done to the random numbers, where an operator is not defined everywhere. */
  readonly of?: (value: number) => number;
}

const BATCH = 3;
const count = (shape: Shape) => shape.reduce((product, extent) => product * extent, 1);

/** The largest relative errors of the output and of each input's gradient. */
export async function errorsOf(device: Device, { operation, inputs, oracle, of = (value) => value }: OperatorCase): Promise<number[]> {
  const data = inputs.map((shape, i) => randoms(BATCH * count(shape), 31 * i + 5).map(of));
  const names = inputs.map((_, i) => `x${i}`);
  const graphs = new GraphBuilder("one", "x0", inputs[0] as Shape, shapeRule);
  for (const [i, shape] of inputs.slice(1).entries()) graphs.declare(names[i + 1] as string, shape);
  const output = graphs.add("node", operation, names);
  const graph = graphs.build([output]);
  const builder = new ProgramBuilder();
  for (const [i, name] of names.entries()) builder.host(name, (data[i] as Float32Array).length);
  const own = new Map(names.map((name) => [name, name]));
  const lowered = lowerNodes({ builder, graph, nodes: graph.nodes, batch: BATCH, inputs: own, keep: [output], kernels: new Map() });
  const out = lowered.buffers.get(output) as string;
  const size = builder.size(out);
  const weights = randoms(size, 77);
  builder.host("weights", size);
  const { steps, gradients } = differentiate(builder, lowered.steps, new Set(names), new Map([[out, "weights"]]));
  builder.steps.push(...steps);
  const keep = (buffer: string, name: string) => {
    builder.host(name, builder.size(buffer));
    const whole = { offset: 0, strides: [0, 0, 0, 1] as const };
    builder.step({ op: "copy", x: buffer, out: name, extents: [1, 1, 1, builder.size(buffer)], from: whole, to: whole, accumulate: false });
  };
  keep(out, "value");
  for (const name of names) keep(gradients.get(name) as string, `d${name}`);
  const run = await device.compile(builder.build(), new Map());
  for (const [name, values] of lowered.parameters) run.write(name, values);
  for (const [i, name] of names.entries()) run.write(name, data[i] as Float32Array);
  run.write("weights", weights);
  await run.run({ from: 0, to: 1 });

  const tensors = inputs.map((shape, i) => tf.tensor(data[i] as Float32Array, [BATCH, ...shape]));
  const expected = oracle(...tensors);
  const loss = (...list: tf.Tensor[]) => {
    const y = oracle(...list);
    return tf.sum(tf.mul(y, tf.tensor(weights, y.shape))) as tf.Scalar;
  };
  const { grads } = tf.valueAndGrads(loss)(tensors);
  const errors = [relativeError(await run.read("value"), expected.dataSync())];
  for (const [i, name] of names.entries()) errors.push(relativeError(await run.read(`d${name}`), (grads[i] as tf.Tensor).dataSync()));
  run.dispose();
  return errors;
}
