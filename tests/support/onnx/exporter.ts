/**
 * Writes networks node by node in the forms that PyTorch's exporter gives them: its names ("/layer1/layer1.0/conv1/Conv"
 * for the module layer1.0.conv1), batch normalization unfused, a symbolic batch, constants as nodes before their
 * reader, and the arithmetic on shapes that it leaves where a program computes one. What moved from attributes
 * to inputs between opsets is written as the opset has it. Weights are drawn from a seed and the parameter's name, so that
 * a network is the same in every opset.
 */
import { Random } from "../../../src/base/random";
import { type FileAttribute, type FileNode, type FileTensor, float32, int64, type OnnxFile } from "./file";

export type Pair = number | readonly [number, number];

export interface ConvOptions {
  readonly kernel?: Pair;
  readonly stride?: number;
  /** By default what keeps the size at stride 1. */
  readonly pad?: Pair;
  readonly groups?: number;
  readonly bias?: boolean;
}

export interface PoolOptions {
  readonly kernel: number;
  readonly stride: number;
  readonly pad?: number;
  readonly ceil?: boolean;
}

const pair = (value: Pair): readonly [number, number] => (typeof value === "number" ? [value, value] : value);
const INT64_MAX = 2n ** 63n - 1n;

/** The scope of a module's nodes: "layer1.0.conv1" is "/layer1/layer1.0/conv1". */
function scopeOf(module: string): string {
  const scopes: string[] = [];
  for (const part of module === "" ? [] : module.split(".")) scopes.push(/^\d+$/.test(part) && scopes.length > 0 ? `${scopes.at(-1)}.${part}` : part);
  return scopes.map((scope) => `/${scope}`).join("");
}

export class Exporter {
  private readonly nodes: FileNode[] = [];
  private readonly initializers = new Map<string, FileTensor>();
  private readonly uses = new Map<string, number>();
  /** Without the batch. */
  private readonly dims = new Map<string, readonly number[]>();
  readonly input = "input";

  constructor(
    readonly opset: number,
    private readonly image: readonly [channels: number, height: number, width: number],
    private readonly seed = 1,
  ) {
    this.dims.set(this.input, image);
  }

  channels(x: string): number {
    return this.dimsOf(x)[0] as number;
  }

  conv(module: string, x: string, outputs: number, { kernel = 3, stride = 1, pad, groups = 1, bias = false }: ConvOptions = {}): string {
    const [kh, kw] = pair(kernel);
    const [ph, pw] = pair(pad ?? [(kh - 1) / 2, (kw - 1) / 2]);
    const [c, h, w] = this.dimsOf(x) as [number, number, number];
    const fan = (c / groups) * kh * kw;
    const inputs = [x, this.weight(`${module}.weight`, [outputs, c / groups, kh, kw], Math.sqrt(2 / fan))];
    if (bias) inputs.push(this.weight(`${module}.bias`, [outputs], 0.3));
    const extent = (size: number, k: number, p: number) => Math.floor((size + 2 * p - k) / stride) + 1;
    const attributes = { dilations: [1, 1], group: groups, kernel_shape: [kh, kw], pads: [ph, pw, ph, pw], strides: [stride, stride] };
    return this.node(module, "Conv", inputs, attributes, [outputs, extent(h, kh, ph), extent(w, kw, pw)]);
  }

  /** @param gain about what its outputs' deviation is */
  batchNorm(module: string, x: string, gain = 1): string {
    const c = this.channels(x);
    const parameters = [
      this.parameter(`${module}.weight`, [c], (random) => gain * random.between(0.6, 1.4)),
      this.parameter(`${module}.bias`, [c], (random) => gain * random.between(-0.4, 0.4)),
      this.parameter(`${module}.running_mean`, [c], (random) => random.between(-0.3, 0.3)),
      this.parameter(`${module}.running_var`, [c], (random) => random.between(0.5, 2)),
    ];
    const mode: Record<string, FileAttribute> = this.opset >= 14 ? { training_mode: 0 } : {};
    return this.node(module, "BatchNormalization", [x, ...parameters], { epsilon: { float: 1e-5 }, momentum: { float: 0.9 }, ...mode });
  }

  relu(module: string, x: string): string {
    return this.node(module, "Relu", [x]);
  }

  relu6(module: string, x: string): string {
    if (this.opset < 11) return this.node(module, "Clip", [x], { min: { float: 0 }, max: { float: 6 } });
    return this.node(module, "Clip", [x, this.constant(module, float32([0], [])), this.constant(module, float32([6], []))]);
  }

  add(module: string, a: string, b: string): string {
    return this.node(module, "Add", [a, b]);
  }

  concat(module: string, parts: readonly string[]): string {
    const [, ...space] = this.dimsOf(parts[0] as string);
    return this.node(module, "Concat", parts, { axis: 1 }, [parts.reduce((sum, part) => sum + this.channels(part), 0), ...space]);
  }

  maxPool(module: string, x: string, options: PoolOptions): string {
    return this.pool(module, "MaxPool", x, options, {});
  }

  /** As nn.AvgPool2d, which counts its padding. */
  averagePool(module: string, x: string, options: PoolOptions): string {
    return this.pool(module, "AveragePool", x, options, { count_include_pad: 1 });
  }

  globalAveragePool(module: string, x: string): string {
    return this.node(module, "GlobalAveragePool", [x], {}, [this.channels(x), 1, 1]);
  }

  /** x.mean([2, 3]) */
  spaceMean(module: string, x: string): string {
    const dims = [this.channels(x)];
    if (this.opset < 18) return this.node(module, "ReduceMean", [x], { axes: [2, 3], keepdims: 0 }, dims);
    return this.node(module, "ReduceMean", [x, this.constant(module, int64([2, 3]))], { keepdims: 0 }, dims);
  }

  flatten(module: string, x: string): string {
    return this.node(module, "Flatten", [x], { axis: 1 }, [this.sizeOf(x)]);
  }

  /** x.view(x.size(0), -1): the batch is taken from the value's shape. */
  view(module: string, x: string): string {
    const shape = this.node(module, "Shape", [x], {}, []);
    const batch = this.node(module, "Gather", [shape, this.constant(module, int64([0], []))], { axis: 0 }, []);
    const axes = this.opset < 13 ? null : this.constant(module, int64([0]));
    const widened = axes ? this.node(module, "Unsqueeze", [batch, axes], {}, []) : this.node(module, "Unsqueeze", [batch], { axes: [0] }, []);
    const target = this.node(module, "Concat", [widened, this.constant(module, int64([-1]))], { axis: 0 }, []);
    return this.node(module, "Reshape", [x, target], {}, [this.sizeOf(x)]);
  }

  linear(module: string, x: string, outputs: number): string {
    const c = this.channels(x);
    const parameters = [this.weight(`${module}.weight`, [outputs, c], Math.sqrt(2 / c)), this.weight(`${module}.bias`, [outputs], 0.3)];
    return this.node(module, "Gemm", [x, ...parameters], { alpha: { float: 1 }, beta: { float: 1 }, transB: 1 }, [outputs]);
  }

  /** F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, more, more)): the shortcut without parameters of ResNets for CIFAR. */
  paddingShortcut(module: string, x: string, more: number): string {
    if (this.opset < 11) throw new Error("Before opset 11 slices and pads were attributes, which this exporter does not write");
    const [c, h, w] = this.dimsOf(x) as [number, number, number];
    const dims = [c + 2 * more, Math.ceil(h / 2), Math.ceil(w / 2)];
    let thin = x;
    for (const axis of [2, 3]) thin = this.slice(module, thin, { axis, start: 0, end: INT64_MAX, step: 2 }, dims);
    // The exporter turns PyTorch's pads, last axis first, into ONNX's: begins of all axes, then ends.
    const pads = this.constant(module, int64([0, 0, 0, 0, more, more]));
    const zero = this.constant(module, int64([0]));
    const length = this.node(module, "Gather", [this.node(module, "Shape", [pads], {}, []), zero], { axis: 0 }, []);
    const rank = [this.constant(module, int64([4], [])), this.constant(module, int64([2], []))];
    const missing = this.node(module, "Sub", [this.node(module, "Mul", rank, {}, []), length], {}, []);
    const whole = this.node(module, "Cast", [pads], { to: 7 }, []);
    const zeros = this.node(module, "ConstantOfShape", [missing], { value: int64([0]) }, []);
    const all = this.node(module, "Concat", [whole, zeros], { axis: 0 }, []);
    const pairs = this.node(module, "Reshape", [all, this.constant(module, int64([-1, 2]))], {}, []);
    const reversed = this.slice(module, pairs, { axis: 0, start: -1, end: -INT64_MAX, step: -1 }, []);
    const turned = this.node(module, "Transpose", [reversed], { perm: [1, 0] }, []);
    const flat = this.node(module, "Reshape", [turned, this.constant(module, int64([-1]))], {}, []);
    const cast = this.node(module, "Cast", [flat], { to: 7 }, []);
    return this.node(module, "Pad", [thin, cast, this.constant(module, float32([0], []))], { mode: "constant" }, dims);
  }

  /** The file, with the value renamed to be its output. */
  finish(x: string): OnnxFile {
    const nodes = this.nodes.map((node) => (node.output === x ? { ...node, output: "logits" } : node));
    const [input, output] = [
      { name: this.input, dims: ["batch", ...this.image] },
      { name: "logits", dims: ["batch", ...this.dimsOf(x)] },
    ];
    return { opset: this.opset, input, output, nodes, initializers: this.initializers };
  }

  private slice(
    module: string,
    x: string,
    { axis, start, end, step }: { axis: number; start: number; end: bigint; step: number },
    dims: readonly number[],
  ): string {
    const [axes, starts, ends, steps] = [axis, start, end, step].map((value) => this.constant(module, int64([value]))) as [
      string,
      string,
      string,
      string,
    ];
    return this.node(module, "Slice", [x, starts, ends, axes, steps], {}, dims);
  }

  private pool(
    module: string,
    op: string,
    x: string,
    { kernel, stride, pad = 0, ceil = false }: PoolOptions,
    more: Readonly<Record<string, number>>,
  ): string {
    const [c, ...space] = this.dimsOf(x) as [number, number, number];
    const extents = space.map((size) => (ceil ? Math.ceil : Math.floor)((size + 2 * pad - kernel) / stride) + 1);
    const window = { kernel_shape: [kernel, kernel], pads: [pad, pad, pad, pad], strides: [stride, stride] };
    return this.node(module, op, [x], { ceil_mode: Number(ceil), ...more, ...window }, [c, ...extents]);
  }

  private constant(module: string, value: FileTensor): string {
    return this.node(module, "Constant", [], { value }, []);
  }

  private node(
    module: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, FileAttribute>> = {},
    dims: readonly number[] = this.dimsOf(inputs[0] as string),
  ): string {
    const base = `${scopeOf(module)}/${op}`;
    const count = this.uses.get(base) ?? 0;
    this.uses.set(base, count + 1);
    const name = count === 0 ? base : `${base}_${count}`;
    const output = `${name}_output_0`;
    this.nodes.push({ name, op, inputs: [...inputs], output, attributes });
    this.dims.set(output, dims);
    return output;
  }

  private dimsOf(x: string): readonly number[] {
    const dims = this.dims.get(x);
    if (!dims) throw new Error(`No value ${x}`);
    return dims;
  }

  private sizeOf(x: string): number {
    return this.dimsOf(x).reduce((product, extent) => product * extent, 1);
  }

  /** About normal, with the deviation given. */
  private weight(name: string, dims: readonly number[], deviation: number): string {
    return this.parameter(name, dims, (random) => deviation * 2 * (random.uniform() + random.uniform() + random.uniform() - 1.5));
  }

  private parameter(name: string, dims: readonly number[], draw: (random: Random) => number): string {
    if (this.initializers.has(name)) throw new Error(`Two parameters are named ${name}`);
    const random = new Random(this.seed, name);
    const count = dims.reduce((product, extent) => product * extent, 1);
    const values = Array.from({ length: count }, () => draw(random));
    this.initializers.set(name, float32(values, dims));
    return name;
  }
}
