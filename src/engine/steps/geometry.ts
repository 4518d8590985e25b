/** The static shape of a convolution or pooling window over NHWC activations. */
export interface Geometry {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  /** Input channels. */
  readonly c: number;
  readonly oh: number;
  readonly ow: number;
  /** Output channels (equal to `c` for pooling). */
  readonly k: number;
  readonly kh: number;
  readonly kw: number;
  readonly sh: number;
  readonly sw: number;
  readonly dh: number;
  readonly dw: number;
  /** Rows of padding above and columns to the left; what is missing below and right is implied. */
  readonly pt: number;
  readonly pl: number;
  readonly groups: number;
}

/** One filter a channel; a channel multiplier is a grouped convolution instead. */
export function isDepthwise(g: Geometry): boolean {
  return g.groups > 1 && g.groups === g.c && g.k === g.c;
}

/** Where Winograd's F(4x4, 3x3) applies and pays: whole vectors of channels and more than a tile or two of positions. */
export function suitsWinograd(g: Geometry): boolean {
  const plain = g.kh === 3 && g.kw === 3 && g.sh * g.sw * g.dh * g.dw * g.groups === 1;
  return plain && g.c % 4 === 0 && g.k % 4 === 0 && g.c >= 8 && g.k >= 8 && Math.min(g.h, g.w, g.oh, g.ow) >= 4;
}

/** Words of the HWIO kernel: kh * kw * (c / groups) * k. */
export function kernelSize(g: Geometry): number {
  return g.kh * g.kw * (g.c / g.groups) * g.k;
}

/** Values below `low` become `low`, above `high` become `high` (ReLU is 0..Infinity, ReLU6 0..6). */
export interface Clamp {
  readonly low: number;
  readonly high: number;
}

/**
 * The gradient of a clamp, applied to a gradient as it is written: kept where `low < value < high`.
 * `value` is the clamp's output, which tells as much as its input.
 */
export interface Mask extends Clamp {
  readonly value: string;
}
