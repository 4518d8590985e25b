/** Sums of products over any indices, and weighted choices along one axis: one invocation an output number. */
import { type Contraction, contraction } from "../../contraction";
import type { Contract, ContractAxis, Resample } from "../../steps";
import { type Dispatch, elementwise, literal } from "../dispatch";

export function contract(step: Contract): Dispatch {
  const { kept, summed } = contraction(step.axes);
  const count = kept.reduce((product, { extent }) => product * extent, 1);
  const same = step.a === step.b;
  const product = step.b === null ? "a[pa]" : `a[pa] * ${same ? "a" : "b"}[pb]`;
  const body = `${indices(kept)}
  var sum = 0.0;
  ${loops(summed, `let pa = ${place(kept, summed, "a")}; let pb = ${place(kept, summed, "b")}; sum += ${product};`)}
  let to = ${place(kept, [], "out")};
  out[to] = sum * ${literal(step.factor)}${step.accumulate ? " + out[to]" : ""};`;
  return elementwise(count, {
    label: "contract",
    reads: { a: step.a, b: same ? null : step.b },
    writes: { out: step.out },
    body,
  });
}

/** The values k0, k1, ... of the kept indices at output number i. */
function indices(kept: Contraction["kept"]): string {
  let after = 1;
  const lines: string[] = [];
  for (const [number, { extent }] of [...kept.entries()].reverse()) {
    lines.push(`  let k${number} = (i / ${after}u) % ${extent}u;`);
    after *= extent;
  }
  return lines.join("\n");
}

function loops(summed: Contraction["summed"], body: string): string {
  const open = summed.map(({ extent }, number) => `for (var s${number} = 0u; s${number} < ${extent}u; s${number}++) {`);
  return `${open.join(" ")} { ${body} } ${"}".repeat(summed.length)}`;
}

function place(kept: readonly ContractAxis[], summed: readonly ContractAxis[], which: "a" | "b" | "out"): string {
  const terms = [...kept.map((axis, i) => [`k${i}`, axis[which]] as const), ...summed.map((axis, i) => [`s${i}`, axis[which]] as const)];
  return terms.reduce((sum, [name, step]) => (step === 0 ? sum : `${sum} + ${name} * ${step}u`), "0u");
}

export function resample(step: Resample): Dispatch {
  const { outer, from, to, inner, taps } = step;
  return elementwise(outer * to * inner, {
    label: "resample",
    reads: { x: step.x, weights: step.table },
    writes: { out: step.out },
    body: `  let entry = ((i / ${inner}u) % ${to}u) * ${2 * taps}u;
  let start = (i / ${inner * to}u) * ${from * inner}u + i % ${inner}u;
  var sum = 0.0;
  for (var t = 0u; t < ${taps}u; t++) {
    sum += weights[entry + ${taps}u + t] * x[start + u32(weights[entry + t]) * ${inner}u];
  }
  out[i] = sum${step.accumulate ? " + out[i]" : ""};`,
  });
}
