/**
 * Reverse-mode differentiation over steps: given forward steps that end in a loss, appends the steps that
 * compute the gradients somebody wants, one vector-Jacobian product per forward step.
 *
 * Three rules keep the result as short as what one would write by hand:
 * - only values on a path from something wanted to the loss get a gradient;
 * - a gradient with one contribution that is passed through unchanged (a residual's) shares its buffer;
 * - the mask of a fused clamp is not a pass of its own where the last writer of that gradient (a
 *   convolution's input gradient, or the loss) can apply it as it writes.
 */
import type { ProgramBuilder } from "./program";
import { access, type Clamp, type Contract, kernelSize, LOSS_PARTS, type Mask, type Step } from "./steps";

interface Gradient {
  buffer: string;
  /** Whether the buffer belongs to another gradient too, so that it may not be changed. */
  shared: boolean;
  /** Index in the output of the step that wrote it last, if that step can take a mask. */
  maskable: number | null;
}

export interface Derivatives {
  readonly steps: Step[];
  /** The gradient buffer of each wanted value. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * @param wanted buffers (activations, kernels and biases of conv2d steps, scales of quantizers) whose gradient is asked for
 * @param given buffers of gradients that come from outside, by value, where the forward steps end in no loss
 */
export function differentiate(
  builder: ProgramBuilder,
  forward: readonly Step[],
  wanted: ReadonlySet<string>,
  given: ReadonlyMap<string, string> = new Map(),
): Derivatives {
  const active = activeValues(forward, wanted);
  const out: Step[] = forward.map((step) => step);
  const gradients = new Map<string, Gradient>();
  for (const [value, buffer] of given) gradients.set(value, { buffer, shared: true, maskable: null });
  const result = new Map<string, string>();

  const fresh = (value: string) => builder.temp(`grad(${value})`, builder.size(value));

  /** The buffer to add a contribution to, and whether it holds something already. */
  const target = (value: string): { dx: string; accumulate: boolean } => {
    const known = gradients.get(value);
    if (!known) {
      const dx = fresh(value);
      gradients.set(value, { buffer: dx, shared: false, maskable: null });
      return { dx, accumulate: false };
    }
    if (known.shared) {
      const dx = fresh(value);
      out.push(copyAll(known.buffer, dx, builder.size(value)));
      gradients.set(value, { buffer: dx, shared: false, maskable: null });
      return { dx, accumulate: true };
    }
    known.maskable = null;
    return { dx: known.buffer, accumulate: true };
  };

  /** A contribution that equals `buffer` itself. */
  const pass = (value: string, buffer: string) => {
    if (!active.has(value)) return;
    if (!gradients.has(value)) {
      gradients.set(value, { buffer, shared: true, maskable: null });
      return;
    }
    const { dx } = target(value);
    out.push({ ...copyAll(buffer, dx, builder.size(value)), accumulate: true });
  };

  /** The gradient before the clamp that produced `value`. */
  const beforeClamp = (value: string, gradient: Gradient, clamp: Clamp | null): string => {
    if (!clamp) return gradient.buffer;
    const mask: Mask = { value, low: clamp.low, high: clamp.high };
    if (gradient.maskable !== null) {
      const writer = out[gradient.maskable] as Step;
      if (writer.op === "conv2dInputGrad" || writer.op === "squaredError") {
        out[gradient.maskable] = { ...writer, mask };
        return gradient.buffer;
      }
      if (writer.op === "fakeQuantizeGrad" && writer.x === value) {
        out[gradient.maskable] = { ...writer, clamp };
        return gradient.buffer;
      }
    }
    const dx = fresh(value);
    out.push({ op: "mask", dout: gradient.buffer, dx, size: builder.size(value), mask, accumulate: false });
    return dx;
  };

  /** The gradient of a contraction to one of its factors: the contraction of the output's gradient with the other. */
  const contribute = (step: Contract, dout: string, value: string, own: "a" | "b") => {
    const other = own === "a" ? "b" : "a";
    const axes = step.axes.map((axis) => ({ extent: axis.extent, a: axis.out, b: step.b === null ? 0 : axis[other], out: axis[own] }));
    const reached = axes.reduce((product, axis) => (axis.out === 0 ? product : product * axis.extent), 1);
    const { dx, accumulate } = target(value);
    const covers = reached === builder.size(value);
    if (!accumulate && !covers) out.push({ op: "fill", out: dx, size: builder.size(value), value: 0 });
    out.push({ ...step, a: dout, b: own === "a" ? step.b : step.a, out: dx, axes, accumulate: accumulate || !covers });
  };

  for (let index = forward.length - 1; index >= 0; index--) {
    const step = forward[index] as Step;
    switch (step.op) {
      case "squaredError":
        if (active.has(step.prediction)) gradients.set(step.prediction, { buffer: step.grad, shared: false, maskable: index });
        continue;
      case "fullError":
        if (active.has(step.prediction)) gradients.set(step.prediction, { buffer: step.grad, shared: true, maskable: null });
        continue;
      case "klDivergence":
        if (active.has(step.logits)) gradients.set(step.logits, { buffer: step.grad, shared: true, maskable: null });
        continue;
    }
    const output = access(step).writes[0];
    const gradient = output === undefined ? undefined : gradients.get(output);
    if (output === undefined || !gradient) continue;

    switch (step.op) {
      case "conv2d": {
        const dz = beforeClamp(output, gradient, step.clamp);
        if (wanted.has(step.w)) {
          const dw = builder.temp(`grad(${step.w})`, kernelSize(step.geometry));
          out.push({ op: "conv2dFilterGrad", x: step.x, dout: dz, dw, geometry: step.geometry });
          result.set(step.w, dw);
        }
        if (step.bias && wanted.has(step.bias)) {
          const db = builder.temp(`grad(${step.bias})`, step.geometry.k);
          const { n, oh, ow, k } = step.geometry;
          out.push({ op: "columnSums", x: dz, out: db, rows: n * oh * ow, columns: k });
          result.set(step.bias, db);
        }
        if (active.has(step.x)) {
          const { dx, accumulate } = target(step.x);
          out.push({ op: "conv2dInputGrad", dout: dz, w: step.w, dx, geometry: step.geometry, accumulate, mask: null });
          (gradients.get(step.x) as Gradient).maskable = out.length - 1;
        }
        if (step.residual) pass(step.residual, dz);
        break;
      }
      case "add": {
        const dz = beforeClamp(output, gradient, step.clamp);
        pass(step.a, dz);
        pass(step.b, dz);
        break;
      }
      case "clamp":
        if (active.has(step.x)) {
          const mask: Mask = { value: step.out, low: step.low, high: step.high };
          out.push({ op: "mask", dout: gradient.buffer, ...target(step.x), size: step.size, mask });
        }
        break;
      case "copy":
        if (active.has(step.x)) {
          const { dx, accumulate } = target(step.x);
          const box = step.extents[0] * step.extents[1] * step.extents[2] * step.extents[3];
          const covers = box === builder.size(step.x);
          if (!accumulate && !covers) out.push({ op: "fill", out: dx, size: builder.size(step.x), value: 0 });
          out.push({ ...step, x: gradient.buffer, out: dx, from: step.to, to: step.from, accumulate: accumulate || !covers });
        }
        break;
      case "fakeQuantize": {
        let sums: string | null = null;
        if (wanted.has(step.quantizers)) {
          sums = result.get(step.quantizers) ?? builder.temp(`grad(${step.quantizers})`, step.count * LOSS_PARTS);
          result.set(step.quantizers, sums);
        }
        const { x, quantizers, index, count, size, levels, drop, gradientScale } = step;
        const { dx, accumulate } = active.has(x) ? target(x) : { dx: null, accumulate: false };
        const own = { x, quantizers, index, count, size, levels, drop, gradientScale };
        out.push({ op: "fakeQuantizeGrad", ...own, dout: gradient.buffer, dx, sums, accumulate, clamp: null });
        if (dx !== null) (gradients.get(x) as Gradient).maskable = out.length - 1;
        break;
      }
      case "maxPool":
        if (active.has(step.x))
          out.push({ op: "maxPoolGrad", x: step.x, out: step.out, dout: gradient.buffer, ...target(step.x), geometry: step.geometry });
        break;
      case "averagePool":
        if (active.has(step.x)) {
          const { geometry, includePad } = step;
          out.push({ op: "averagePoolGrad", dout: gradient.buffer, ...target(step.x), geometry, includePad });
        }
        break;
      case "softmax":
        if (active.has(step.x)) {
          const { rows, columns, log } = step;
          out.push({ op: "softmaxGrad", out: step.out, dout: gradient.buffer, ...target(step.x), rows, columns, log });
        }
        break;
      case "unary":
        if (active.has(step.x)) {
          const { op: _op, out: _out, ...own } = step;
          out.push({ op: "unaryGrad", ...own, dout: gradient.buffer, ...target(step.x) });
        }
        break;
      case "contract":
        if (active.has(step.a)) contribute(step, gradient.buffer, step.a, "a");
        if (step.b !== null && active.has(step.b)) contribute(step, gradient.buffer, step.b, "b");
        break;
      case "resample":
        if (active.has(step.x)) {
          const { dx, accumulate } = target(step.x);
          const turned = { from: step.to, to: step.from, table: step.transposed, transposed: step.table };
          const taps = { taps: step.transposedTaps, transposedTaps: step.taps };
          out.push({ ...step, ...turned, ...taps, x: gradient.buffer, out: dx, accumulate });
        }
        break;
      default:
        break;
    }
  }
  for (const [value, gradient] of gradients) if (wanted.has(value)) result.set(value, gradient.buffer);
  return { steps: out, gradients: result };
}

/** Values that a wanted buffer influences: the only ones whose gradient is needed. */
function activeValues(forward: readonly Step[], wanted: ReadonlySet<string>): Set<string> {
  const active = new Set(wanted);
  for (const step of forward) {
    const { reads, writes } = access(step);
    if (reads.some((name) => active.has(name))) for (const name of writes) active.add(name);
  }
  return active;
}

function copyAll(x: string, out: string, size: number): Extract<Step, { op: "copy" }> {
  const box = { offset: 0, strides: [size, size, size, 1] as const };
  return { op: "copy", x, out, extents: [1, 1, 1, size], from: box, to: box, accumulate: false };
}
