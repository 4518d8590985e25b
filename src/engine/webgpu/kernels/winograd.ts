/**
 * 3x3 convolutions with stride 1 as Winograd's F(4x4, 3x3), forward, input gradient and kernel gradient: the
 * same algebra as on the wasm device (assembly/winograd*.ts). Each is a few dispatches: transform what goes in,
 * 36 matrix products, transform back with the convolution's epilogue. Transforms work on four channels of a
 * tile in registers.
 *
 * V, the transform of a convolution's input, is what its kernel gradient needs as well: it is kept for it.
 */
import type { Conv2d, Conv2dFilterGrad, Conv2dInputGrad, Geometry } from "../../steps";
import { type Dispatch, elementwise, type WordType } from "../dispatch";
import { clampCode, maskCode } from "./conv";
import { positionsByChannels } from "./registers";
import { A3, A4, B, G3, G4, transformed } from "./winograd-algebra";

/** Scratch that a step's dispatches pass to each other. */
const U = "scratch:u";
const M = "scratch:m";
const V = "scratch:v";

const FOUR: WordType = "vec4<f32>";
const SIX = [0, 1, 2, 3, 4, 5];

interface Tiles {
  readonly down: number;
  readonly across: number;
  /** In the whole batch. */
  readonly count: number;
}

function tilesOf(g: Pick<Geometry, "n" | "oh" | "ow">): Tiles {
  const [down, across] = [Math.ceil(g.oh / 4), Math.ceil(g.ow / 4)];
  return { down, across, count: g.n * down * across };
}

/** Declares `tile`, `four` (of the channels), and the image and corner of the tile in 4x4 steps. */
const place = (fours: number, { down, across }: Tiles) => `  let four = i % ${fours}u;
  let tile = i / ${fours}u;
  let image = tile / ${down * across}u;
  let top = i32((tile / ${across}u) % ${down}u) * 4;
  let left = i32(tile % ${across}u) * 4;
`;

/** A transform as code over `count` items `i`, with the buffers that it needs. */
interface Transform {
  readonly count: number;
  readonly reads: Record<string, string>;
  readonly writes: Record<string, string>;
  readonly types: Record<string, WordType>;
  readonly declarations: string;
  readonly body: string;
  readonly scratch: Record<string, number>;
}

/** V or Z: 36 planes [tiles, channels / 4] from windows of `side` pixels that begin `pt`, `pl` above and left of a tile's corner. */
function tileTransform(
  x: string,
  out: string,
  size: { h: number; w: number; c: number; pt: number; pl: number },
  tiles: Tiles,
  side: number,
  matrix: (v: string[]) => string[],
): Transform {
  const fours = size.c / 4;
  return {
    count: tiles.count * fours,
    reads: { x },
    writes: { tilesOut: out },
    types: { x: FOUR, tilesOut: FOUR },
    declarations: `fn pixel(image: u32, h: i32, w: i32, four: u32) -> vec4<f32> {
  if (h < 0 || w < 0 || h >= ${size.h} || w >= ${size.w}) { return vec4<f32>(); }
  return x[((image * ${size.h}u + u32(h)) * ${size.w}u + u32(w)) * ${fours}u + four];
}
`,
    body: `${place(fours, tiles)}${transformed(
      side,
      matrix,
      (r, s) => `pixel(image, top + ${r - size.pt}, left + ${s - size.pl}, four)`,
      (r, s, value) => `  tilesOut[(${r * 6 + s}u * ${tiles.count}u + tile) * ${fours}u + four] = ${value};`,
    )}`,
    scratch: { [out]: 36 * tiles.count * size.c },
  };
}

/** U: 36 planes [depth, channels / 4] of a kernel, or of the kernel turned around for the input gradient. */
function kernelTransform(w: string, { c, k }: Geometry, turned: boolean): Transform {
  const [depth, fours] = turned ? [k, c / 4] : [c, k / 4];
  const tap = (r: number, s: number) => (turned ? 8 - (r * 3 + s) : r * 3 + s);
  const load = (r: number, s: number) =>
    turned
      ? `vec4<f32>(${[0, 1, 2, 3].map((j) => `w[(${tap(r, s) * c}u + four * 4u + ${j}u) * ${k}u + d]`).join(", ")})`
      : `w[(${tap(r, s) * c}u + d) * ${fours}u + four]`;
  return {
    count: depth * fours,
    reads: { w },
    writes: { kernelOut: U },
    types: turned ? { kernelOut: FOUR } : { kernelOut: FOUR, w: FOUR },
    declarations: "",
    body: `  let four = i % ${fours}u;
  let d = i / ${fours}u;
${transformed(3, G3, load, (r, s, value) => `  kernelOut[(${r * 6 + s}u * ${depth}u + d) * ${fours}u + four] = ${value};`)}`,
    scratch: { [U]: 36 * c * k },
  };
}

function transform(label: string, { count, scratch, ...parts }: Transform): Dispatch {
  return { ...elementwise(count, { label, ...parts }), scratch };
}

/** Two transforms that do not need each other, in one dispatch: the first's items, then the second's. */
function together(label: string, a: Transform, b: Transform): Dispatch {
  return transform(label, {
    count: a.count + b.count,
    reads: { ...a.reads, ...b.reads },
    writes: { ...a.writes, ...b.writes },
    types: { ...a.types, ...b.types },
    declarations: a.declarations + b.declarations,
    body: `  if (i < ${a.count}u) {
${a.body}
  } else {
    let item = i - ${a.count}u;
${b.body.replaceAll(/\bi\b/g, "item")}
  }`,
    scratch: { ...a.scratch, ...b.scratch },
  });
}

/** M = V x U, plane by plane: [tiles, channels]. */
function products(v: string, tiles: number, depth: number, channels: number): Dispatch {
  const dispatch = positionsByChannels(
    { label: "winogradProduct", reads: { v, u: U }, writes: { mm: M }, types: { v: FOUR, u: FOUR, mm: FOUR } },
    { positions: tiles, taps: 1, depth, channels, planes: 36 },
    `  return select(-1, i32((plane * ${tiles}u + m) * ${depth / 4}u), m < ${tiles}u);`,
    "v",
    (j, half) => `u[(plane * ${depth}u + u32(c) * 4u + ${j}u) * ${channels / 4}u + four + ${half}u]`,
    (sum, at) => `mm[${at}] = ${sum};`,
  );
  return { ...dispatch, scratch: { [M]: 36 * tiles * channels } };
}

/** From M back to a plane of h x w pixels; `finish` gives the stored value from `value` at vector `at`. */
function untransform(
  parts: Pick<Parameters<typeof elementwise>[1], "reads" | "writes" | "types">,
  size: { h: number; w: number; c: number },
  tiles: Tiles,
  out: string,
  finish: (value: string) => string,
): Dispatch {
  const fours = size.c / 4;
  const lines: string[] = [];
  for (const s of SIX) {
    for (const r of SIX) lines.push(`  let d${r}_${s} = m[(${r * 6 + s}u * ${tiles.count}u + tile) * ${fours}u + four];`);
    A4(SIX.map((r) => `d${r}_${s}`)).forEach((value, r) => {
      lines.push(`  let t${r}_${s} = ${value};`);
    });
  }
  for (let r = 0; r < 4; r++) {
    lines.push(`  if (top + ${r} < ${size.h}) {`);
    A4(SIX.map((s) => `t${r}_${s}`)).forEach((value, s) => {
      lines.push(`    if (left + ${s} < ${size.w}) {
      let at = ((image * ${size.h}u + u32(top + ${r})) * ${size.w}u + u32(left + ${s})) * ${fours}u + four;
      let value = ${value};
      ${out}[at] = ${finish("value")};
    }`);
    });
    lines.push("  }");
  }
  const body = `${place(fours, tiles)}${lines.join("\n")}`;
  const types = { ...parts.types, m: FOUR } as const;
  return elementwise(tiles.count * fours, { label: "winogradOutput", ...parts, reads: { m: M, ...parts.reads }, types, body });
}

/** Where V of a convolution's input is kept for its kernel gradient. */
const keptV = (x: string) => `winograd:${x}`;

/** @param kept whether the program's kernel gradients read V of this input again */
export function winogradConv(step: Conv2d, kept: boolean): Dispatch[] {
  const g = step.geometry;
  const tiles = tilesOf(g);
  const v = kept ? keptV(step.x) : V;
  const bias = step.bias ? " + bias[four]" : "";
  const residual = step.residual ? " + residual[at]" : "";
  return [
    together("winogradInput", tileTransform(step.x, v, g, tiles, 6, B), kernelTransform(step.w, g, false)),
    products(v, tiles.count, g.c, g.k),
    untransform(
      {
        reads: { bias: step.bias, residual: step.residual },
        writes: { out: step.out },
        types: { bias: FOUR, residual: FOUR, out: FOUR },
      },
      { h: g.oh, w: g.ow, c: g.k },
      tiles,
      "out",
      (value) => clampCode(`(${value}${bias}${residual})`, step.clamp, true),
    ),
  ];
}

export function winogradInputGrad(step: Conv2dInputGrad): Dispatch[] {
  const g = step.geometry;
  const tiles = tilesOf({ n: g.n, oh: g.h, ow: g.w });
  const value = (sum: string) => (step.accumulate ? `(${sum} + dx[at])` : sum);
  return [
    together(
      "winogradInput",
      tileTransform(step.dout, V, { h: g.oh, w: g.ow, c: g.k, pt: 2 - g.pt, pl: 2 - g.pl }, tiles, 6, B),
      kernelTransform(step.w, g, true),
    ),
    products(V, tiles.count, g.k, g.c),
    untransform(
      { reads: { maskValue: step.mask?.value ?? null }, writes: { dx: step.dx }, types: { maskValue: FOUR, dx: FOUR } },
      { h: g.h, w: g.w, c: g.c },
      tiles,
      "dx",
      (sum) => maskCode(value(sum), step.mask, "maskValue", "at", true),
    ),
  ];
}

/** Invocations that keep a GPU busy, and tiles that a part of the sum over tiles has at least. */
const BUSY = 2048;
const SHORTEST = 64;

/** Reads V of its input, which the convolution before it has kept. */
export function winogradFilterGrad(step: Conv2dFilterGrad): Dispatch[] {
  const { c, k, oh, ow } = step.geometry;
  const tiles = tilesOf(step.geometry);
  const [rows, pairs] = [c / 4, k / 8];
  const each = 36 * rows * pairs;
  const parts = Math.max(1, Math.min(Math.ceil(BUSY / each), Math.floor(tiles.count / SHORTEST)));

  const four = [0, 1, 2, 3];
  const lines = (of: (r: number) => string) => four.map(of).join("\n");
  const body = `  let n = (i % ${pairs}u) * 2u;
  let m = (i / ${pairs}u) % ${rows}u;
  let plane = (i / ${pairs * rows}u) % 36u;
  let part = i / ${each}u;
${lines((r) => `  var s${r} = vec4<f32>();\n  var t${r} = vec4<f32>();`)}
  let begin = plane * ${tiles.count}u + ${tiles.count}u * part / ${parts}u;
  let end = plane * ${tiles.count}u + ${tiles.count}u * (part + 1u) / ${parts}u;
  var va = begin * ${rows}u + m;
  var at = begin * ${k / 4}u + n;
  for (var tile = begin; tile < end; tile++) {
    let a = v[va];
    let b = zs[at];
    let d = zs[at + 1u];
${lines((r) => `    s${r} += a[${r}] * b;\n    t${r} += a[${r}] * d;`)}
    va += ${rows}u;
    at += ${k / 4}u;
  }
  let to = ((part * 36u + plane) * ${c}u + m * 4u) * ${k / 4}u + n;
${lines((r) => `  sums[to + ${(r * k) / 4}u] = s${r};`)}
${lines((r) => `  sums[to + ${(r * k) / 4 + 1}u] = t${r};`)}`;
  const sums = elementwise(each * parts, {
    label: "winogradFilterProduct",
    reads: { v: keptV(step.x), zs: U },
    writes: { sums: M },
    types: { v: FOUR, zs: FOUR, sums: FOUR },
    body,
  });
  const fours = (c * k) / 4;
  const load = (r: number, s: number) => Array.from({ length: parts }, (_, part) => `sums[${(part * 36 + r * 6 + s) * fours}u + i]`).join(" + ");
  return [
    transform("winogradGradient", tileTransform(step.dout, U, { h: oh, w: ow, c: k, pt: 0, pl: 0 }, tiles, 4, G4)),
    { ...sums, scratch: { [M]: 36 * parts * c * k } },
    elementwise(fours, {
      label: "winogradFilterOutput",
      reads: { sums: M },
      writes: { dw: step.dw },
      types: { sums: FOUR, dw: FOUR },
      body: transformed(6, A3, load, (r, s, value) => `  dw[${(r * 3 + s) * fours}u + i] = ${value};`),
    }),
  ];
}
