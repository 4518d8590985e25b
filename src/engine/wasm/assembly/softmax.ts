/** Softmax over the last axis, its gradient, and the Kullback-Leibler divergence between two of them. */
import { exp1, log1 } from "./math";
import { pointer, share, word } from "./memory";

/** Writes softmax(x) to `out` and returns log(sum(exp(x))). */
function softmaxRow(x: usize, out: usize, columns: i32): f32 {
  let peak: f32 = load<f32>(x);
  for (let j = 1; j < columns; j++) {
    const value = load<f32>(x + (<usize>j << 2));
    if (value > peak) peak = value;
  }
  let sum: f32 = 0;
  for (let j = 0; j < columns; j++) {
    const e = exp1(load<f32>(x + (<usize>j << 2)) - peak);
    store<f32>(out + (<usize>j << 2), e);
    sum += e;
  }
  for (let j = 0; j < columns; j++) {
    const at = out + (<usize>j << 2);
    store<f32>(at, load<f32>(at) / sum);
  }
  return peak + log1(sum);
}

/** Row: x, out, rows, columns, log. */
export function softmax(row: usize, tid: i32, threads: i32): void {
  const columns = word(row, 3);
  const rows = word(row, 2);
  for (let i = share(rows, tid, threads); i < share(rows, tid + 1, threads); i++) {
    const byte = <usize>(i * columns) << 2;
    const out = pointer(row, 1) + byte;
    const total = softmaxRow(pointer(row, 0) + byte, out, columns);
    if (!word(row, 4)) continue;
    for (let j = 0; j < columns; j++) {
      const at = <usize>j << 2;
      store<f32>(out + at, load<f32>(pointer(row, 0) + byte + at) - total);
    }
  }
}

/**
 * Row: out, dout, rows, columns, dx, accumulate, log. dx = out * (dout - sum(out * dout)), and
 * dout - exp(out) * sum(dout) for the logarithm.
 */
export function softmaxGrad(row: usize, tid: i32, threads: i32): void {
  const rows = word(row, 2);
  const columns = word(row, 3);
  const log = word(row, 6);
  for (let i = share(rows, tid, threads); i < share(rows, tid + 1, threads); i++) {
    const byte = <usize>(i * columns) << 2;
    const out = pointer(row, 0) + byte;
    const dout = pointer(row, 1) + byte;
    const dx = pointer(row, 4) + byte;
    let dot: f32 = 0;
    for (let j = 0; j < columns; j++) dot += (log ? 1 : load<f32>(out + (<usize>j << 2))) * load<f32>(dout + (<usize>j << 2));
    for (let j = 0; j < columns; j++) {
      const at = <usize>j << 2;
      const y = load<f32>(out + at);
      const d = load<f32>(dout + at);
      const g = log ? d - exp1(y) * dot : y * (d - dot);
      store<f32>(dx + at, word(row, 5) ? load<f32>(dx + at) + g : g);
    }
  }
}

/**
 * Row: logits, reference, grad, losses, rows, columns, scratch (two rows), parts, images of the mean.
 * A batch's logits are few: one thread does them, in order.
 */
export function klDivergence(row: usize, tid: i32): void {
  if (tid != 0) return;
  const rows = word(row, 4);
  const columns = word(row, 5);
  const images = word(row, 8);
  const p = pointer(row, 6);
  let total: f64 = 0;
  for (let i = 0; i < rows; i++) {
    const byte = <usize>(i * columns) << 2;
    const grad = pointer(row, 2) + byte;
    const logits = pointer(row, 0) + byte;
    const reference = pointer(row, 1) + byte;
    const logReference = softmaxRow(reference, p, columns);
    const logQ = softmaxRow(logits, grad, columns);
    for (let j = 0; j < columns; j++) {
      const at = <usize>j << 2;
      const probability = load<f32>(p + at);
      const difference = load<f32>(reference + at) - logReference - (load<f32>(logits + at) - logQ);
      total += <f64>(probability * difference);
      store<f32>(grad + at, (load<f32>(grad + at) - probability) / <f32>images);
    }
  }
  store<f32>(pointer(row, 3), <f32>(total / <f64>images));
  for (let part = 1; part < word(row, 7); part++) store<f32>(pointer(row, 3) + (<usize>part << 2), 0);
}
