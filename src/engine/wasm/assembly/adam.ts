/** Sums for gradients of biases, Adam on any parameter, and AdaQuant's step on a kernel and its scales. */
import { pointer, share, word } from "./memory";

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/** Row: 0 x, 1 out, 2 rows, 3 columns. Groups of four columns are shared out; runs of 64 rows are summed before they are added up. */
export function columnSums(row: usize, tid: i32, threads: i32): void {
  const rows = word(row, 2);
  const columns = word(row, 3);
  const groups = (columns + 3) >> 2;
  for (let group = share(groups, tid, threads); group < share(groups, tid + 1, threads); group++) {
    const first = group << 2;
    const last = first + 4 < columns ? first + 4 : columns;
    for (let column = first; column < last; column++) {
      let total: f64 = 0;
      let at = pointer(row, 0) + (<usize>column << 2);
      for (let i = 0; i < rows; ) {
        const stop = i + 64 < rows ? i + 64 : rows;
        let sum: f32 = 0;
        for (; i < stop; i++, at += <usize>columns << 2) sum += load<f32>(at);
        total += <f64>sum;
      }
      store<f32>(pointer(row, 1) + (<usize>column << 2), <f32>total);
    }
  }
}

/** The parameter after one step of Adam, whose moments lie at `first` and `second`. */
@inline
function stepped(x: f32, g: f32, first: usize, second: usize, rate: f32, correction: f32): f32 {
  const m = load<f32>(first) * BETA1 + g * (1 - BETA1);
  const s = load<f32>(second) * BETA2 + g * g * (1 - BETA2);
  store<f32>(first, m);
  store<f32>(second, s);
  return x - (rate * m) / (sqrt<f32>(s) * correction + EPSILON);
}

/** Row: 0 x, 1 dx, 2 parts, 3 state, 4 words of a moment, 5 schedule, 6 size. */
export function adam(row: usize, tid: i32, threads: i32, iteration: i32): void {
  const parts = word(row, 2);
  const plane = <usize>word(row, 4) << 2;
  const schedule = pointer(row, 5) + (<usize>iteration << 3);
  const rate = load<f32>(schedule);
  const correction = load<f32>(schedule, 4);
  const size = word(row, 6);
  for (let i = share(size, tid, threads); i < share(size, tid + 1, threads); i++) {
    const byte = <usize>i << 2;
    let g: f64 = 0;
    for (let part = 0; part < parts; part++) g += <f64>load<f32>(pointer(row, 1) + (<usize>(i * parts + part) << 2));
    const x = pointer(row, 0) + byte;
    const first = pointer(row, 3) + byte;
    store<f32>(x, stepped(load<f32>(x), <f32>g, first, first + plane, rate, correction));
  }
}

/**
 * Row: 0 w, 1 quantizers, 2 soft, 3 state, 4 words of a weights' moment, 5 words of a scales' moment, 6 dw, 7 schedule, 8 size,
 * 9 channels, 10 levels. Channels are shared out among the threads.
 */
export function straightThroughAdam(row: usize, tid: i32, threads: i32, iteration: i32): void {
  const w = pointer(row, 0);
  const plane = <usize>word(row, 4) << 2;
  const small = <usize>word(row, 5) << 2;
  const schedule = pointer(row, 7) + (<usize>iteration * 12);
  const rate = load<f32>(schedule);
  const correction = load<f32>(schedule, 4);
  const scaleRate = load<f32>(schedule, 8);
  const size = word(row, 8);
  const channels = word(row, 9);
  const top = <f32>(word(row, 10) - 1);
  for (let channel = share(channels, tid, threads); channel < share(channels, tid + 1, threads); channel++) {
    const own = pointer(row, 1) + (<usize>channel << 2);
    const scale = load<f32>(own);
    const zero = load<f32>(own + small);
    const start = load<f32>(own + 2 * small);
    let slope: f64 = 0;
    for (let i = channel; i < size; i += channels) {
      const byte = <usize>i << 2;
      const ratio = load<f32>(w + byte) / scale;
      const level = nearest<f32>(ratio) + zero;
      const g = load<f32>(pointer(row, 6) + byte);
      const inside = level >= 0 && level <= top;
      const clamped = min<f32>(max<f32>(level, 0), top);
      slope += <f64>(g * (clamped - zero - (inside ? ratio : 0)));
      const first = pointer(row, 3) + byte;
      store<f32>(w + byte, stepped(load<f32>(w + byte), inside ? g : 0, first, first + plane, rate * start, correction));
    }
    const moment = pointer(row, 3) + 2 * plane + (<usize>channel << 2);
    const next = max<f32>(stepped(scale, <f32>slope, moment, moment + small, scaleRate * start, correction), start * 0.1);
    store<f32>(own, next);
    for (let i = channel; i < size; i += channels) {
      const byte = <usize>i << 2;
      const level = min<f32>(max<f32>(nearest<f32>(load<f32>(w + byte) / next) + zero, 0), top);
      store<f32>(pointer(row, 2) + byte, (level - zero) * next);
    }
  }
}
