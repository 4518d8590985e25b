/** Maximum, average and global average pooling. */
import { BadInput } from "../base/errors";
import type { Geometry } from "../engine/steps";
import type { Shape } from "../graph/types";
import type { LoweringContext, OperationOf, Operator } from "./operator";
import { windowGeometry } from "./windows";

type Pooling = OperationOf<"maxPool"> | OperationOf<"averagePool">;

function pooledShape(operation: Pooling, [input]: readonly Shape[], node: string): Shape {
  const g = windowGeometry(operation, input as Shape, input?.[2] as number, 1, operation.ceil, node);
  return [g.oh, g.ow, g.c];
}

/** The window over a batch of the node's input. */
function pooledGeometry(operation: Pooling, context: LoweringContext): Geometry {
  const shape = context.shape(context.node.inputs[0] as string);
  return { ...windowGeometry(operation, shape, shape[2] as number, 1, operation.ceil, context.node.name), n: context.batch };
}

export const maxPool: Operator<"maxPool"> = {
  name: "maxPool",
  shape: pooledShape,
  lower(operation, context) {
    const x = context.buffer(context.node.inputs[0] as string);
    context.builder.step({ op: "maxPool", x, out: context.out, geometry: pooledGeometry(operation, context) });
  },
};

export const averagePool: Operator<"averagePool"> = {
  name: "averagePool",
  shape: pooledShape,
  lower(operation, context) {
    const x = context.buffer(context.node.inputs[0] as string);
    context.builder.step({ op: "averagePool", x, out: context.out, geometry: pooledGeometry(operation, context), includePad: operation.includePad });
  },
};

export const globalAveragePool: Operator<"globalAveragePool"> = {
  name: "globalAveragePool",
  shape({ keepDims }, [input], node) {
    if (input?.length !== 3) throw new BadInput(`Node "${node}" averages over space, but its input has shape [${input?.join(", ")}].`);
    const channels = input[2] as number;
    return keepDims ? [1, 1, channels] : [channels];
  },
  lower(_operation, context) {
    const x = context.node.inputs[0] as string;
    const shape = context.shape(x);
    const [h, w, c] = shape as [number, number, number];
    const window = { kernel: [h, w], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] } as const;
    const geometry = { ...windowGeometry(window, shape, c, 1, false, context.node.name), n: context.batch };
    context.builder.step({ op: "averagePool", x: context.buffer(x), out: context.out, geometry, includePad: false });
  },
};
