/**
 * How convolutions are cut for the kernels: which are Winograd's, how many rows or tiles make a run, what scratch that
 * takes, and gradients as convolutions of another geometry. Everything here depends on shapes alone, since it decides
 * the order of sums.
 */
import { largestDivisor } from "../../base/divisor";
import { type Geometry, suitsWinograd } from "../steps";

/** Memory that the steps of a plan share, sized by the neediest. */
export interface Workspace {
  /** Bytes that the threads share: packed kernels, partial sums. */
  panels: number;
  /** Bytes of scratch for each thread. */
  scratch: number;
}

/** Shares of the batch whose kernel gradients are summed apart; fixed, so that the bits do not depend on the threads. */
export const FILTER_PARTS = 8;

/** As in assembly/winograd.ts. */
export const PLANE_PADDING = 16;

/** Scratch for a pixel of zeros or the list of taps. */
export function depthwiseBytes(g: Geometry): number {
  return Math.max(g.c * 4, g.kh * g.kw * 8) + 64;
}

/** Scratch for a group of packed input rows and the table of window spans. */
export function windowBytes(g: Geometry): number {
  const rows = (rowsPerGroup(g) - 1) * g.sh + (g.kh - 1) * g.dh + 1;
  const width = (g.ow - 1) * g.sw + (g.kw - 1) * g.dw + 1;
  return 256 + g.kh * g.kw * 4 + rows * width * g.c * 4;
}

/** With no zeros between the input's pixels. */
export function isWinograd(g: UpsampledGeometry): boolean {
  return suitsWinograd(g) && (g.us ?? 1) * (g.uw ?? 1) === 1;
}

/**
 * How a Winograd kernel gradient cuts its batch. Parts with sums of their own where those are small and a part
 * has tiles enough to be worth its sums; else one sum that all threads add to, chunk by chunk. A chunk is rows of
 * one image's tiles, or several small images.
 */
export function winogradFilterChunk(g: Geometry): { parts: number; most: number; images: number } {
  const across = Math.ceil(g.ow / 4);
  const down = Math.ceil(g.oh / 4);
  const apart = g.c * g.k <= 1024 && Math.floor(g.n / FILTER_PARTS) * down * across >= 32;
  const tiles = apart ? 128 : 256;
  const most = Math.max(1, Math.min(down, Math.floor(tiles / across)));
  const images = most === down ? Math.max(1, Math.min(g.n, Math.floor(tiles / (down * across)))) : 1;
  return { parts: apart ? FILTER_PARTS : 0, most, images };
}

/** What a Winograd kernel gradient needs: sums and transformed tiles, shared; packed rows, for each thread. */
export function winogradFilterNeed(g: Geometry, threads: number): Workspace {
  const { parts, most, images } = winogradFilterChunk(g);
  const across = Math.ceil(g.ow / 4);
  const tiles = images * most * across;
  const rows = Math.min(most, 4) * 4;
  const wide = Math.ceil(g.k / 8) * 8;
  const transformed = tiles * (g.c + wide) + 2 * PLANE_PADDING;
  return {
    panels: 4 * 36 * (Math.max(1, parts) * g.c * g.k + (parts ? threads : 1) * transformed),
    scratch: 4 * ((rows + 2) * (across * 4 + 2) * g.c + rows * across * 4 * g.k) + 256,
  };
}

/** Tiles across the image, and how many rows of tiles make a run of about 16 tiles. */
export function winogradRun(g: Geometry): { across: number; most: number } {
  const across = Math.ceil(g.ow / 4);
  return { across, most: Math.max(1, Math.min(Math.ceil(g.oh / 4), Math.floor(16 / across))) };
}

export function geometryWords(g: Geometry): number[] {
  return [g.n, g.h, g.w, g.c, g.oh, g.ow, g.k, g.kh, g.kw, g.sh, g.sw, g.dh, g.dw, g.pt, g.pl, g.groups];
}

/** A geometry whose input has zeros inserted between its pixels. */
export interface UpsampledGeometry extends Geometry {
  readonly us?: number;
  readonly uw?: number;
}

/** The convolution over dout that gives the input gradient of `g`, with the kernel turned around. */
export function inputGradGeometry(g: Geometry): UpsampledGeometry {
  return {
    ...g,
    h: g.oh,
    w: g.ow,
    c: g.k,
    oh: g.h,
    ow: g.w,
    k: g.c,
    sh: 1,
    sw: 1,
    pt: (g.kh - 1) * g.dh - g.pt,
    pl: (g.kw - 1) * g.dw - g.pl,
    us: g.sh,
    uw: g.sw,
  };
}

/** The forward pass over dout with the kernel turned around (us 1), or where strided the gradient proper (uw 1). */
export function depthwiseInputGrad(g: Geometry): UpsampledGeometry {
  return g.sh * g.sw === 1 ? { ...inputGradGeometry(g), us: 1, uw: 0 } : { ...g, us: 0, uw: 1 };
}

/** Enough output rows for about a hundred positions: they and their input stay in the first-level cache. */
export function rowsPerGroup(g: Geometry): number {
  return Math.min(g.oh, Math.max(1, Math.ceil(96 / g.ow)));
}

/** Whether every window lies inside the image, so that nothing needs packing. */
export function direct(g: UpsampledGeometry): number {
  const inside =
    g.pt === 0 &&
    g.pl === 0 &&
    (g.us ?? 1) === 1 &&
    (g.uw ?? 1) === 1 &&
    (g.oh - 1) * g.sh + (g.kh - 1) * g.dh + 1 <= g.h &&
    (g.ow - 1) * g.sw + (g.kw - 1) * g.dw + 1 <= g.w;
  return Number(inside);
}

/**
 * A 1x1 convolution does not care how its positions are arranged: they are cut into rows of at most 64, so
 * that tiles are full for fully connected layers and small planes too.
 */
export function flatten(g: UpsampledGeometry): UpsampledGeometry {
  const plain = g.kh * g.kw === 1 && g.sh * g.sw === 1 && (g.us ?? 1) * (g.uw ?? 1) === 1 && g.pt === 0 && g.pl === 0;
  if (!plain || g.oh !== g.h || g.ow !== g.w) return g;
  const positions = g.n * g.h * g.w;
  const w = largestDivisor(positions, 64);
  const n = largestDivisor(positions / w, 8);
  const h = positions / w / n;
  return { ...g, n, h, w, oh: h, ow: w };
}
