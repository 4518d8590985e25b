/** Pooling; the gradients gather, one invocation an input word, so that no two write the same place. */
import type { AveragePool, AveragePoolGrad, Geometry, MaxPool, MaxPoolGrad } from "../../steps";
import { type Dispatch, elementwise } from "../dispatch";

/** The loop over the window of output position (p, q) of `image`; `body` sees h, v and `pixel`. */
function overWindow(g: Geometry, p: string, q: string, body: string): string {
  return `for (var r = 0; r < ${g.kh}; r++) {
    for (var s = 0; s < ${g.kw}; s++) {
      let h = i32(${p}) * ${g.sh} - ${g.pt} + r * ${g.dh};
      let v = i32(${q}) * ${g.sw} - ${g.pl} + s * ${g.dw};
      if (h >= 0 && v >= 0 && h < ${g.h} && v < ${g.w}) {
        let pixel = ((image * ${g.h}u + u32(h)) * ${g.w}u + u32(v)) * ${g.c}u + c;
        ${body}
      }
    }
  }`;
}

/** The loop over the output positions whose window holds input position (y, x) of `image`. */
function overOutputs(g: Geometry, body: string): string {
  return `let c = i % ${g.c}u;
  let image = i / ${g.h * g.w * g.c}u;
  let row = i32((i / ${g.w * g.c}u) % ${g.h}u) + ${g.pt};
  let column = i32((i / ${g.c}u) % ${g.w}u) + ${g.pl};
  for (var r0 = 0; r0 < ${g.kh}; r0++) {
    for (var s0 = 0; s0 < ${g.kw}; s0++) {
      let y = row - r0 * ${g.dh};
      let x0 = column - s0 * ${g.dw};
      if (y >= 0 && x0 >= 0 && y % ${g.sh} == 0 && x0 % ${g.sw} == 0 && y / ${g.sh} < ${g.oh} && x0 / ${g.sw} < ${g.ow}) {
        let p = u32(y / ${g.sh});
        let q = u32(x0 / ${g.sw});
        let at = ((image * ${g.oh}u + p) * ${g.ow}u + q) * ${g.c}u + c;
        ${body}
      }
    }
  }`;
}

const place = (g: Geometry) => `let c = i % ${g.c}u;
  let q = (i / ${g.c}u) % ${g.ow}u;
  let p = (i / ${g.ow * g.c}u) % ${g.oh}u;
  let image = i / ${g.oh * g.ow * g.c}u;`;

export function maxPool(step: MaxPool): Dispatch {
  const g = step.geometry;
  return elementwise(g.n * g.oh * g.ow * g.c, {
    label: "maxPool",
    reads: { x: step.x },
    writes: { out: step.out },
    body: `  ${place(g)}
  var best = -3.4e38;
  ${overWindow(g, "p", "q", "best = max(best, x[pixel]);")}
  out[i] = best;`,
  });
}

export function maxPoolGrad(step: MaxPoolGrad): Dispatch {
  const g = step.geometry;
  const first = overWindow(g, "p", "q", "if (!found && x[pixel] == out[at]) { found = true; if (pixel == i) { sum += dout[at]; } }");
  return elementwise(g.n * g.h * g.w * g.c, {
    label: "maxPoolGrad",
    reads: { x: step.x, out: step.out, dout: step.dout },
    writes: { dx: step.dx },
    body: `  var sum = ${step.accumulate ? "dx[i]" : "0.0"};
  ${overOutputs(g, `if (x[i] == out[at]) { var found = false; ${first} }`)}
  dx[i] = sum;`,
  });
}

export function averagePool(step: AveragePool): Dispatch {
  const g = step.geometry;
  return elementwise(g.n * g.oh * g.ow * g.c, {
    label: "averagePool",
    reads: { x: step.x },
    writes: { out: step.out },
    body: `  ${place(g)}
  var sum = 0.0;
  var count = 0.0;
  ${overWindow(g, "p", "q", "sum += x[pixel]; count += 1.0;")}
  out[i] = sum / ${step.includePad ? `${g.kh * g.kw}.0` : "max(count, 1.0)"};`,
  });
}

export function averagePoolGrad(step: AveragePoolGrad): Dispatch {
  const g = step.geometry;
  const count = step.includePad
    ? `let count = ${g.kh * g.kw}.0;`
    : `var count = 0.0; ${overWindow(g, "p", "q", "count += select(0.0, 1.0, pixel >= 0u);")}`;
  return elementwise(g.n * g.h * g.w * g.c, {
    label: "averagePoolGrad",
    reads: { dout: step.dout },
    writes: { dx: step.dx },
    body: `  var sum = ${step.accumulate ? "dx[i]" : "0.0"};
  ${overOutputs(g, `${count} sum += dout[at] / count;`)}
  dx[i] = sum;`,
  });
}
