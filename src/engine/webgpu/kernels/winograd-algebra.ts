/** Winograd's matrices for F(4x4, 3x3) and F(3x3, 4x4) as WGSL expressions, and the code that applies one along both axes. */

const sixth = "(-1.0 / 6.0)";

/** B' over six values, G over three, G of F(3, 4) over four; A' to four, and to three. */
export const B = (d: string[]): string[] => [
  `4.0 * ${d[0]} - 5.0 * ${d[2]} + ${d[4]}`,
  `(${d[4]} - 4.0 * ${d[2]}) + (${d[3]} - 4.0 * ${d[1]})`,
  `(${d[4]} - 4.0 * ${d[2]}) - (${d[3]} - 4.0 * ${d[1]})`,
  `(${d[4]} - ${d[2]}) + 2.0 * (${d[3]} - ${d[1]})`,
  `(${d[4]} - ${d[2]}) - 2.0 * (${d[3]} - ${d[1]})`,
  `4.0 * ${d[1]} - 5.0 * ${d[3]} + ${d[5]}`,
];
export const G3 = (g: string[]): string[] => [
  `0.25 * ${g[0]}`,
  `${sixth} * ((${g[0]} + ${g[2]}) + ${g[1]})`,
  `${sixth} * ((${g[0]} + ${g[2]}) - ${g[1]})`,
  `((1.0 / 24.0) * ${g[0]} + (1.0 / 6.0) * ${g[2]}) + (1.0 / 12.0) * ${g[1]}`,
  `((1.0 / 24.0) * ${g[0]} + (1.0 / 6.0) * ${g[2]}) - (1.0 / 12.0) * ${g[1]}`,
  `${g[2]}`,
];
export const G4 = (d: string[]): string[] => [
  `0.25 * ${d[0]}`,
  `${sixth} * ((${d[0]} + ${d[2]}) + (${d[1]} + ${d[3]}))`,
  `${sixth} * ((${d[0]} + ${d[2]}) - (${d[1]} + ${d[3]}))`,
  `((1.0 / 24.0) * ${d[0]} + (1.0 / 6.0) * ${d[2]}) + ((1.0 / 12.0) * ${d[1]} + (1.0 / 3.0) * ${d[3]})`,
  `((1.0 / 24.0) * ${d[0]} + (1.0 / 6.0) * ${d[2]}) - ((1.0 / 12.0) * ${d[1]} + (1.0 / 3.0) * ${d[3]})`,
  `${d[3]}`,
];
export const A4 = (m: string[]): string[] => [
  `${m[0]} + (${m[1]} + ${m[2]}) + (${m[3]} + ${m[4]})`,
  `(${m[1]} - ${m[2]}) + 2.0 * (${m[3]} - ${m[4]})`,
  `(${m[1]} + ${m[2]}) + 4.0 * (${m[3]} + ${m[4]})`,
  `(${m[1]} - ${m[2]}) + 8.0 * (${m[3]} - ${m[4]}) + ${m[5]}`,
];
export const A3 = (m: string[]): string[] => [A4(m)[0] as string, A4(m)[1] as string, `(${m[1]} + ${m[2]}) + 4.0 * (${m[3]} + ${m[4]}) + ${m[5]}`];

/**
 * Code that loads a square of `side` x `side` values, transforms it along both axes by `matrix`, and stores each
 * result. `load` and `store` get the row and column.
 */
export function transformed(
  side: number,
  matrix: (v: string[]) => string[],
  load: (r: number, s: number) => string,
  store: (r: number, s: number, value: string) => string,
): string {
  const lines: string[] = [];
  const across = Array.from({ length: side }, (_, i) => i);
  for (const s of across) {
    for (const r of across) lines.push(`  let d${r}_${s} = ${load(r, s)};`);
    matrix(across.map((r) => `d${r}_${s}`)).forEach((value, r) => {
      lines.push(`  let t${r}_${s} = ${value};`);
    });
  }
  const rows = matrix(across.map(String)).length;
  for (let r = 0; r < rows; r++)
    matrix(across.map((s) => `t${r}_${s}`)).forEach((value, s) => {
      lines.push(store(r, s, value));
    });
  return lines.join("\n");
}
