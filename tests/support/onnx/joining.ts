/**
 * Families that join values along their channels: DenseNet, whose layers each read all that came before, and Inception,
 * whose branches differ in depth, pool, and join again within a branch.
 */
import { Exporter } from "./exporter";
import type { OnnxFile } from "./file";
import type { NetworkOptions } from "./networks";

const IMAGE = [3, 16, 16] as const;
const CLASSES = 10;

/** DenseNet: two dense blocks of three layers that normalize before they convolve, and a transition. */
export function densenet({ opset = 17 }: NetworkOptions = {}): OnnxFile {
  const e = new Exporter(opset, IMAGE);
  const normal = (norm: string, relu: string, x: string) => e.relu(relu, e.batchNorm(norm, x));
  const stem = normal("features.norm0", "features.relu0", e.conv("features.conv0", e.input, 8, { stride: 1 }));
  let x = e.maxPool("features.pool0", stem, { kernel: 3, stride: 2, pad: 1 });
  for (const block of [1, 2]) {
    const made = [x];
    for (let layer = 1; layer <= 3; layer++) {
      const name = `features.denseblock${block}.denselayer${layer}`;
      // The first layer's list has one member, and the exporter joins it all the same.
      const thin = e.conv(`${name}.conv1`, normal(`${name}.norm1`, `${name}.relu1`, e.concat(name, made)), 8, { kernel: 1 });
      made.push(e.conv(`${name}.conv2`, normal(`${name}.norm2`, `${name}.relu2`, thin), 4));
    }
    x = e.concat(`features.denseblock${block}`, made);
    if (block === 2) break;
    const name = `features.transition${block}`;
    const half = e.conv(`${name}.conv`, normal(`${name}.norm`, `${name}.relu`, x), e.channels(x) / 2, { kernel: 1 });
    x = e.averagePool(`${name}.pool`, half, { kernel: 2, stride: 2 });
  }
  const pooled = e.globalAveragePool("", normal("features.norm5", "", x));
  return e.finish(e.linear("classifier", e.flatten("", pooled), CLASSES));
}

/** One block of GoogLeNet, and one of Inception-v3 whose branches fork into 1x3 and 3x1. */
export function inception({ opset = 17 }: NetworkOptions = {}): OnnxFile {
  const e = new Exporter(opset, IMAGE);
  const unit = (module: string, x: string, width: number, options: Parameters<Exporter["conv"]>[3]) =>
    e.relu(module, e.batchNorm(`${module}.bn`, e.conv(`${module}.conv`, x, width, options)));
  let x = unit("conv1", e.input, 8, { stride: 2 });

  const plain = "inception3a";
  x = e.concat(plain, [
    unit(`${plain}.branch1`, x, 4, { kernel: 1 }),
    unit(`${plain}.branch2.1`, unit(`${plain}.branch2.0`, x, 4, { kernel: 1 }), 6, {}),
    unit(`${plain}.branch3.1`, unit(`${plain}.branch3.0`, x, 2, { kernel: 1 }), 4, { kernel: 5 }),
    unit(`${plain}.branch4.1`, e.maxPool(`${plain}.branch4.0`, x, { kernel: 3, stride: 1, pad: 1 }), 4, { kernel: 1 }),
  ]);

  const forked = "Mixed_7b";
  const fork = (name: string, from: string) =>
    e.concat(forked, [unit(`${name}a`, from, 4, { kernel: [1, 3] }), unit(`${name}b`, from, 4, { kernel: [3, 1] })]);
  const first = unit(`${forked}.branch1x1`, x, 4, { kernel: 1 });
  const second = fork(`${forked}.branch3x3_2`, unit(`${forked}.branch3x3_1`, x, 6, { kernel: 1 }));
  const deep = unit(`${forked}.branch3x3dbl_2`, unit(`${forked}.branch3x3dbl_1`, x, 4, { kernel: 1 }), 6, {});
  const third = fork(`${forked}.branch3x3dbl_3`, deep);
  const pooled = unit(`${forked}.branch_pool`, e.averagePool(forked, x, { kernel: 3, stride: 1, pad: 1 }), 4, { kernel: 1 });
  x = e.concat(forked, [first, second, third, pooled]);

  return e.finish(e.linear("fc", e.flatten("", e.globalAveragePool("avgpool", x)), CLASSES));
}
