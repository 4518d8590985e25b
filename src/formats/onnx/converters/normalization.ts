/** Normalization that depends on the image, and softmax. */

import { axisOf } from "../constants";
import {
  type Activation,
  activation,
  axisLast,
  type Conversion,
  type Converter,
  channelsLast,
  constantInput,
  constantInStorage,
  inOrder,
  made,
} from "../conversion";
import { unary } from "./functions";
import { vector } from "./layers";

/** Over the axes from `axis` on; they are brought to the end of storage. */
const layerNormalization: Converter = (at) => {
  const input = activation(at, 0);
  const rank = input.dims.length;
  const axis = axisOf(at.attributes.int("axis", -1), rank, at);
  if (axis < 1) throw at.fail("normalizes over the batch, which is not supported");
  if (at.outputs > 1) throw at.fail("gives its mean and deviation too, which training alone needs and the lab does not compute");
  const over = Array.from({ length: rank - axis }, (_, i) => axis + i);
  const tail = input.order.slice(-over.length);
  const x = over.every((one) => tail.includes(one)) ? input : inOrder(at, input, [...input.order.filter((one) => !over.includes(one)), ...over]);
  const epsilon = at.attributes.float("epsilon", 1e-5);
  const parameter = (index: number, what: string) => {
    if (!at.inputs[index]) return null;
    const own = constantInStorage(constantInput(at, index, what), x);
    const shape = x.order.slice(-over.length).map((one) => x.dims[one] as number);
    if (own?.data.length !== shape.reduce((product, extent) => product * extent, 1))
      throw at.fail(`has a ${what} that does not fit the axes that it normalizes`);
    return { shape, data: own.data };
  };
  return made(at, { op: "layerNorm", axes: over.length, epsilon, scale: parameter(1, "scale"), shift: parameter(2, "bias") }, [x], x.order);
};

const groupNormalization: Converter = (at) => {
  const x = channelsLast(at, activation(at, 0));
  const groups = at.attributes.int("num_groups", 1);
  const channels = x.dims[1] as number;
  at.budget.spend(2 * channels, at.fail);
  // Until opset 21 there was one scale a group.
  const spread = (index: number, what: string) => {
    const { data } = constantInput(at, index, what);
    const each = channels / data.length;
    return { shape: [channels], data: Float32Array.from({ length: channels }, (_, c) => data[Math.floor(c / each)] as number) };
  };
  const epsilon = at.attributes.float("epsilon", 1e-5);
  return made(at, { op: "groupNorm", groups, epsilon, scale: spread(1, "scale"), shift: spread(2, "bias") }, [x], x.order);
};

const instanceNormalization: Converter = (at) => {
  const x = channelsLast(at, activation(at, 0));
  const [scale, shift] = [vector(constantInput(at, 1, "scale")), vector(constantInput(at, 2, "bias"))];
  return made(at, { op: "groupNorm", groups: x.dims[1] as number, epsilon: at.attributes.float("epsilon", 1e-5), scale, shift }, [x], x.order);
};

const lrn: Converter = (at) => {
  const x = channelsLast(at, activation(at, 0));
  const { attributes } = at;
  const own = { alpha: attributes.float("alpha", 1e-4), beta: attributes.float("beta", 0.75), bias: attributes.float("bias", 1) };
  return made(at, { op: "localResponseNorm", size: attributes.int("size", 1), ...own }, [x], x.order);
};

/** x / sqrt(sum x^2) along an axis. */
const lpNormalization: Converter = (at) => {
  const x = activation(at, 0);
  if (at.attributes.int("p", 2) !== 2) throw at.fail("divides by a norm other than the Euclidean one, which is not supported");
  const axis = axisOf(at.attributes.int("axis", -1), x.dims.length, at);
  const squares = made(at, { op: "mul" }, [x, x], x.order, "square");
  const sum = made(at, { op: "reduce", kind: "sum", axes: [x.order.indexOf(axis)], keepDims: true }, [squares], x.order, "sum");
  return made(at, { op: "mul" }, [x, unary(at, sum, { fn: "power", alpha: -0.5 }, "norm")], x.order);
};

/** Mean 0 and variance 1 over axes, by default batch and space; the batch cannot take part. */
const meanVarianceNormalization: Converter = (at) => {
  const axes = at.attributes.ints("axes") ?? [0, 2, 3];
  const x = channelsLast(at, activation(at, 0));
  if (axes.join() !== "2,3") throw at.fail(`normalizes over axes [${axes.join(", ")}]; only height and width of each image are supported`);
  const channels = x.dims[1] as number;
  at.budget.spend(2 * channels, at.fail);
  const constant = (value: number) => ({ shape: [channels], data: new Float32Array(channels).fill(value) });
  return made(at, { op: "groupNorm", groups: channels, epsilon: 1e-9, scale: constant(1), shift: constant(0) }, [x], x.order);
};

/** Over one axis; before opset 13 over all axes from the given one on. */
function softmax(at: Conversion, log: boolean): Activation {
  const input = activation(at, 0);
  const rank = input.dims.length;
  const axis = axisOf(at.attributes.int("axis", at.opset < 13 ? 1 : -1), rank, at);
  if (axis < 1) throw at.fail("normalizes over the batch, which is not supported");
  const after = input.dims.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  if (at.opset < 13 && after > 1) {
    const order = Array.from({ length: rank - 1 }, (_, i) => i + 1);
    const x = inOrder(at, input, order);
    const joined = input.dims.slice(axis).reduce((product, extent) => product * extent, 1);
    const flat = at.graph.add(`${at.name}/joined`, { op: "reshape", shape: [...input.dims.slice(1, axis), joined] }, [x.id]);
    const scores = at.graph.add(`${at.name}/softmax`, { op: "softmax", log }, [flat]);
    return made(at, { op: "reshape", shape: input.dims.slice(1) }, [{ ...x, id: scores }], order);
  }
  const x = axisLast(at, input, axis);
  return made(at, log ? { op: "softmax", log } : { op: "softmax" }, [x], x.order);
}

export const NORMALIZATION: Readonly<Record<string, Converter>> = {
  LayerNormalization: layerNormalization,
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: lrn,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  Softmax: (at) => softmax(at, false),
  LogSoftmax: (at) => softmax(at, true),
};
