/** Maximum, average and global average pooling. */
import { BadInput } from "../base/errors";
import type { Shape } from "../graph/types";
import type { Operator } from "./operator";
import { windowGeometry } from "./windows";

export const maxPool: Operator<"maxPool"> = {
  name: "maxPool",
  shape(operation, [input], node) {
    const g = windowGeometry(operation, input as Shape, input?.[2] as number, 1, operation.ceil, node);
    return [g.oh, g.ow, g.c];
  },
  lower(operation, site) {
    const x = site.node.inputs[0] as string;
    const shape = site.shape(x);
    const geometry = windowGeometry(operation, shape, shape[2] as number, 1, operation.ceil, site.node.name);
    site.builder.step({ op: "maxPool", x: site.buffer(x), out: site.out, geometry: { ...geometry, n: site.batch } });
  },
};

export const averagePool: Operator<"averagePool"> = {
  name: "averagePool",
  shape(operation, [input], node) {
    const g = windowGeometry(operation, input as Shape, input?.[2] as number, 1, operation.ceil, node);
    return [g.oh, g.ow, g.c];
  },
  lower(operation, site) {
    const x = site.node.inputs[0] as string;
    const shape = site.shape(x);
    const geometry = windowGeometry(operation, shape, shape[2] as number, 1, operation.ceil, site.node.name);
    const { includePad } = operation;
    site.builder.step({ op: "averagePool", x: site.buffer(x), out: site.out, geometry: { ...geometry, n: site.batch }, includePad });
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
