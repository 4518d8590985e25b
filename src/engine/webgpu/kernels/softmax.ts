/** Softmax, its gradient, and the Kullback-Leibler divergence between two of them; one invocation a row. */
import { type KlDivergence, LOSS_PARTS, type Softmax, type SoftmaxGrad } from "../../steps";
import { type Dispatch, elementwise, shader } from "../dispatch";

/** log(sum(exp(row))) of `name` from word `base`. */
const logSumExp = (name: string, columns: number) => `fn logSumExp_${name}(base: u32) -> f32 {
  var peak = ${name}[base];
  for (var j = 1u; j < ${columns}u; j++) { peak = max(peak, ${name}[base + j]); }
  var sum = 0.0;
  for (var j = 0u; j < ${columns}u; j++) { sum += exp(${name}[base + j] - peak); }
  return peak + log(sum);
}
`;

export function softmax(step: Softmax): Dispatch {
  return elementwise(step.rows, {
    label: "softmax",
    reads: { x: step.x },
    writes: { out: step.out },
    declarations: logSumExp("x", step.columns),
    body: `  let base = i * ${step.columns}u;
  let total = logSumExp_x(base);
  for (var j = 0u; j < ${step.columns}u; j++) { out[base + j] = ${step.log ? "x[base + j] - total" : "exp(x[base + j] - total)"}; }`,
  });
}

export function softmaxGrad(step: SoftmaxGrad): Dispatch {
  const term = step.log ? "dout[base + j]" : "out[base + j] * dout[base + j]";
  const gradient = step.log ? "dout[base + j] - exp(out[base + j]) * dot" : "out[base + j] * (dout[base + j] - dot)";
  return elementwise(step.rows, {
    label: "softmaxGrad",
    reads: { out: step.out, dout: step.dout },
    writes: { dx: step.dx },
    body: `  let base = i * ${step.columns}u;
  var dot = 0.0;
  for (var j = 0u; j < ${step.columns}u; j++) { dot += ${term}; }
  for (var j = 0u; j < ${step.columns}u; j++) {
    dx[base + j] = ${gradient}${step.accumulate ? " + dx[base + j]" : ""};
  }`,
  });
}

export function klDivergence(step: KlDivergence): Dispatch {
  const { rows, columns, images } = step;
  return shader(
    {
      label: "klDivergence",
      reads: { logits: step.logits, reference: step.reference },
      writes: { grad: step.grad, losses: step.losses },
      declarations: `${logSumExp("logits", columns)}${logSumExp("reference", columns)}var<workgroup> partial: array<f32, 64>;\n`,
      body: `  var sum = 0.0;
  for (var row = lane; row < ${rows}u; row += 64u) {
    let base = row * ${columns}u;
    let q = logSumExp_logits(base);
    let p = logSumExp_reference(base);
    for (var j = 0u; j < ${columns}u; j++) {
      let logP = reference[base + j] - p;
      let logQ = logits[base + j] - q;
      sum += exp(logP) * (logP - logQ);
      grad[base + j] = (exp(logQ) - exp(logP)) / ${images}.0;
    }
  }
  partial[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var j = 0u; j < 64u; j++) { total += partial[j]; }
    losses[${step.lossesAt}u] = total / ${images}.0;
    for (var j = 1u; j < ${LOSS_PARTS}u; j++) { losses[${step.lossesAt}u + j] = 0.0; }
  }`,
    },
    [64, 1],
    [1, 1, 1],
  );
}
