/** Fake quantization of activations, its gradients, and random choices between two values. */
import { type Draw, type FakeQuantize, type FakeQuantizeGrad, LOSS_PARTS, type Mix, threshold } from "../../steps";
import { type Dispatch, elementwise, literal, reduction } from "../dispatch";

/** The hash of wasm/assembly/quantize.ts, bit for bit. */
const HASH = `fn mixed(value: u32) -> u32 {
  var h = value;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}
`;

/** Whether element `i` is drawn. */
function drawn({ seed, share }: Draw): string {
  return `(mixed((i * 0x9e3779b1u) ^ mixed(${seed >>> 0}u + iteration.x * 0x9e3779b9u)) < ${threshold({ seed, share })}u)`;
}

const gridCode = ({ index, count }: { index: number; count: number }, indent: string) =>
  `${indent}let scale = quantizers[${index}];\n${indent}let zero = quantizers[${count + index}];`;

export function fakeQuantize(step: FakeQuantize): Dispatch {
  const { drop, levels } = step;
  return elementwise(step.size, {
    label: "fakeQuantize",
    reads: { x: step.x, quantizers: step.quantizers },
    writes: { out: step.out },
    declarations: drop ? HASH : "",
    body: `${gridCode(step, "  ")}
  let y = (clamp(round(x[i] / scale) + zero, 0.0, ${literal(levels - 1)}) - zero) * scale;
  out[i] = ${drop ? `select(y, x[i], ${drawn(drop)})` : "y"};`,
  });
}

export function fakeQuantizeGrad(step: FakeQuantizeGrad): Dispatch {
  const { drop, levels, dx, sums, clamp, accumulate } = step;
  const parts = {
    label: "fakeQuantizeGrad",
    reads: { x: step.x, dout: step.dout, quantizers: step.quantizers },
    writes: { ...(dx === null ? {} : { dx }), ...(sums === null ? {} : { losses: sums }) },
    declarations: drop ? HASH : "",
  };
  const inside = `level >= 0.0 && level <= ${literal(levels - 1)}`;
  const clampCode = clamp ? `\n  if (!(x[i] > ${literal(clamp.low)} && x[i] < ${literal(clamp.high)})) { y = 0.0; }` : "";
  const body = `${gridCode(step, "  ")}
  let ratio = x[i] / scale;
  let level = round(ratio) + zero;
  let inside = ${inside};
  let drawn = ${drop ? drawn(drop) : "false"};
${dx === null ? "" : `  var y = select(0.0, dout[i], inside || drawn)${accumulate ? " + dx[i]" : ""};${clampCode}\n  dx[i] = y;`}`;
  if (sums === null) return elementwise(step.size, { ...parts, body });
  const slope = `  if (!drawn) { sum += dout[i] * (clamp(level, 0.0, ${literal(levels - 1)}) - zero - select(0.0, ratio, inside)); }`;
  return reduction(step.size, LOSS_PARTS, step.index * LOSS_PARTS, literal(step.gradientScale), { ...parts, body: `${body}\n${slope}` });
}

export function mix(step: Mix): Dispatch {
  return elementwise(step.size, {
    label: "mix",
    reads: { a: step.a, b: step.b },
    writes: { out: step.out },
    declarations: HASH,
    body: `  out[i] = select(b[i], a[i], ${drawn(step.draw)});`,
  });
}
