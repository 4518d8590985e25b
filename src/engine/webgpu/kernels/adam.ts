/** Sums for gradients of biases, Adam on any parameter, and AdaQuant's step on a kernel and its scales. */
import { ADAM, type Adam, type ColumnSums, padded, type StraightThroughAdam } from "../../steps";
import { type Dispatch, elementwise, literal, shader } from "../dispatch";

const LANES = 64;

const STEPPED = `fn moment1(m: f32, g: f32) -> f32 { return m * ${literal(ADAM.beta1)} + g * ${literal(1 - ADAM.beta1)}; }
fn moment2(s: f32, g: f32) -> f32 { return s * ${literal(ADAM.beta2)} + g * g * ${literal(1 - ADAM.beta2)}; }
fn change(m: f32, s: f32, rate: f32, correction: f32) -> f32 { return rate * m / (sqrt(s) * correction + ${literal(ADAM.epsilon)}); }
`;

/** The sum of every lane's \`partial\`, left in partial[0]. */
const TREE = `  for (var half = ${LANES / 2}u; half > 0u; half = half / 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] += partial[lane + half]; }
  }
  workgroupBarrier();`;

/** One workgroup a column. */
export function columnSums({ x, out, rows, columns }: ColumnSums): Dispatch {
  return shader(
    {
      label: "columnSums",
      reads: { x },
      writes: { out },
      declarations: `var<workgroup> partial: array<f32, ${LANES}>;\n`,
      body: `  var sum = 0.0;
  for (var i = lane; i < ${rows}u; i += ${LANES}u) { sum += x[i * ${columns}u + wg.x]; }
  partial[lane] = sum;
${TREE}
  if (lane == 0u) { out[wg.x] = partial[0]; }`,
    },
    [LANES, 1],
    [columns, 1, 1],
  );
}

export function adam(step: Adam): Dispatch {
  const plane = padded(step.size);
  return elementwise(step.size, {
    label: "adam",
    reads: { dx: step.dx, schedule: step.schedule },
    writes: { x: step.x, state: step.state },
    declarations: STEPPED,
    body: `  var g = 0.0;
  for (var part = 0u; part < ${step.parts}u; part++) { g += dx[i * ${step.parts}u + part]; }
  state[i] = moment1(state[i], g);
  state[${plane}u + i] = moment2(state[${plane}u + i], g);
  x[i] -= change(state[i], state[${plane}u + i], schedule[iteration.x * 2u], schedule[iteration.x * 2u + 1u]);`,
  });
}

/** One workgroup a channel: weights and the scale's gradient, the scale, then the kernel anew. */
export function straightThroughAdam(step: StraightThroughAdam): Dispatch {
  const { size, channels, levels } = step;
  const [plane, small] = [padded(size), padded(channels)];
  const top = literal(levels - 1);
  return shader(
    {
      label: "straightThroughAdam",
      reads: { dw: step.dw, schedule: step.schedule },
      writes: { w: step.w, quantizers: step.quantizers, soft: step.soft, state: step.state },
      declarations: `var<workgroup> partial: array<f32, ${LANES}>;\n${STEPPED}`,
      body: `  let row = iteration.x * 3u;
  let scale = quantizers[wg.x];
  let zero = quantizers[${small}u + wg.x];
  let start = quantizers[${2 * small}u + wg.x];
  let first = wg.x + lane * ${channels}u;
  var slope = 0.0;
  for (var i = first; i < ${size}u; i += ${LANES * channels}u) {
    let ratio = w[i] / scale;
    let level = round(ratio) + zero;
    let inside = level >= 0.0 && level <= ${top};
    slope += dw[i] * (clamp(level, 0.0, ${top}) - zero - select(0.0, ratio, inside));
    let g = select(0.0, dw[i], inside);
    state[i] = moment1(state[i], g);
    state[${plane}u + i] = moment2(state[${plane}u + i], g);
    w[i] -= change(state[i], state[${plane}u + i], schedule[row] * start, schedule[row + 1u]);
  }
  partial[lane] = slope;
${TREE}
  let at = ${2 * plane}u + wg.x;
  let m = moment1(state[at], partial[0]);
  let s = moment2(state[at + ${small}u], partial[0]);
  let next = max(scale - change(m, s, schedule[row + 2u] * start, schedule[row + 1u]), start * 0.1);
  storageBarrier();
  workgroupBarrier();
  if (lane == 0u) {
    state[at] = m;
    state[at + ${small}u] = s;
    quantizers[wg.x] = next;
  }
  for (var i = first; i < ${size}u; i += ${LANES * channels}u) {
    soft[i] = (clamp(round(w[i] / next) + zero, 0.0, ${top}) - zero) * next;
  }`,
    },
    [LANES, 1],
    [channels, 1, 1],
  );
}
