/** Maximum, average and global average pooling. */
import { BadInput } from "../base/errors";
import type { Geometry } from "../engine/steps";
import type { Shape } from "../graph/types";
import type { OperationOf, Operator, Site } from "./operator";
import { windowGeometry } from "./windows";

type Pooling = OperationOf<"maxPool"> | OperationOf<"averagePool">;

function pooledShape(operation: Pooling, [input]: readonly Shape[], node: string): Shape {
  const g = windowGeometry(operation, input as Shape, input?.[2] as number, 1, operation.ceil, node);
  return [g.oh, g.ow, g.c];
}

/** The window over a batch of the node's input. */
function pooledGeometry(operation: Pooling, site: Site): Geometry {
  const shape = site.shape(site.node.inputs[0] as string);
  return { ...windowGeometry(operation, shape, shape[2] as number, 1, operation.ceil, site.node.name), n: site.batch };
}

export const maxPool: Operator<"maxPool"> = {
  name: "maxPool",
  shape: pooledShape,
  lower(operation, site) {
    const x = site.buffer(site.node.inputs[0] as string);
    site.builder.step({ op: "maxPool", x, out: site.out, geometry: pooledGeometry(operation, site) });
  },
};

export const averagePool: Operator<"averagePool"> = {
  name: "averagePool",
  shape: pooledShape,
  lower(operation, site) {
    const x = site.buffer(site.node.inputs[0] as string);
    site.builder.step({ op: "averagePool", x, out: site.out, geometry: pooledGeometry(operation, site), includePad: operation.includePad });
  },
};

export const globalAveragePool: Operator<"globalAveragePool"> = {
  name: "globalAveragePool",
  shape({ keepDims }, [input], node) {
    if (input?.length !== 3) throw new BadInput(`Node "${node}" averages over space, but its input has shape [${input?.join(", ")}].`);
    const channels = input[2] as number;
    return keepDims ? [1, 1, channels] : [channels];
  },
  lower(_operation, site) {
    const x = site.node.inputs[0] as string;
    const shape = site.shape(x);
    const [h, w, c] = shape as [number, number, number];
    const window = { kernel: [h, w], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] } as const;
    const geometry = { ...windowGeometry(window, shape, c, 1, false, site.node.name), n: site.batch };
    site.builder.step({ op: "averagePool", x: site.buffer(x), out: site.out, geometry, includePad: false });
  },
};
