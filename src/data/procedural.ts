/**
 * "Shapes": a procedural image data set, drawn from a seed.
 *
 * The lab's demo must work without a download and must not carry other people's photographs, so it draws
 * its own: 32x32 colour images of ten shapes under rotation, shear, changing size and colour, on a
 * textured background with clutter, an occluding bar and noise. The shape alone decides the class;
 * colour, texture and position tell nothing. An image depends only on (seed, split, index).
 *
 * Every browser and Node must draw the same bits. Only operations that IEEE 754 rounds exactly are used
 * (+ - * / sqrt floor); there is no sine, power or exponential. Rotations come from a point drawn in the
 * unit disc and normalised.
 */
import { Random } from "../base/random";
import type { ImageSet } from "./images";

export const SHAPE_CLASSES: readonly string[] = ["disc", "ring", "square", "triangle", "plus", "star", "crescent", "hexagon", "corner", "hourglass"];

export type ShapeSplit = "train" | "calibration" | "test";

const SIZE = 32;
/**
 * Standard deviation of the noise, at most. The lab's own images are noisier than those that its network was
 * trained on, so that full precision errs now and then and a quantized network has something to lose.
 */
const MOST_NOISE: Readonly<Record<ShapeSplit, number>> = { train: 26, calibration: 36, test: 36 };
/** Samples a pixel side: edges are softened by averaging 3x3 points. */
const SUPER = 3;

/** `count` images of a split, [count,32,32,3] bytes, with their labels. */
export function drawShapes(split: ShapeSplit, count: number, seed = 0, first = 0): ImageSet {
  return drawShapesAt(
    split,
    Array.from({ length: count }, (_, i) => first + i),
    seed,
  );
}

/** The images of a split at these places, in their order: a picture takes a millisecond, so that of many only what is wanted is drawn. */
export function drawShapesAt(split: ShapeSplit, places: readonly number[], seed = 0): ImageSet {
  const count = places.length;
  const pixels = new Uint8Array(count * SIZE * SIZE * 3);
  const labels = new Int32Array(count);
  for (const [i, place] of places.entries()) labels[i] = drawShape(split, place, seed, pixels, i * SIZE * SIZE * 3);
  return { count, height: SIZE, width: SIZE, channels: 3, pixels, labels, classNames: [...SHAPE_CLASSES] };
}

type Inside = (x: number, y: number) => boolean;

/** Whether a point of the unit-radius frame belongs to the shape, by class. */
const SHAPES: readonly Inside[] = [
  (x, y) => x * x + y * y < 0.68,
  (x, y) => {
    const r = x * x + y * y;
    return r < 0.9 && r > 0.3;
  },
  (x, y) => abs(x) < 0.74 && abs(y) < 0.74,
  (x, y) => y > -0.55 && 0.866 * abs(x) + 0.5 * y < 0.5,
  (x, y) => (abs(x) < 0.27 && abs(y) < 0.92) || (abs(y) < 0.27 && abs(x) < 0.92),
  (x, y) => star(x, y),
  (x, y) => x * x + y * y < 0.9 && (x - 0.42) * (x - 0.42) + y * y > 0.6,
  (x, y) => abs(x) < 0.78 && 0.5 * abs(x) + 0.866 * abs(y) < 0.78,
  (x, y) => (abs(x + 0.5) < 0.3 && abs(y) < 0.82) || (abs(y - 0.52) < 0.3 && x > -0.8 && x < 0.82),
  (x, y) => abs(y) < 0.85 && abs(x) < 0.12 + 0.72 * abs(y),
];

function abs(x: number): number {
  return x < 0 ? -x : x;
}

/** A five-pointed star: a point is inside when at most one of the five edge half-planes excludes it. */
function star(x: number, y: number): boolean {
  let outside = 0;
  for (const [c, s] of STAR_EDGES) if (c * x + s * y > 0.36) outside++;
  return outside <= 1;
}
const STAR_EDGES: readonly (readonly [number, number])[] = [
  [0, -1],
  [0.951056516, -0.309016994],
  [0.587785252, 0.809016994],
  [-0.587785252, 0.809016994],
  [-0.951056516, -0.309016994],
];

/** A random direction (cos, sin), uniform on the circle. */
function direction(random: Random): [number, number] {
  for (;;) {
    const x = random.between(-1, 1);
    const y = random.between(-1, 1);
    const r = x * x + y * y;
    if (r > 0.01 && r < 1) {
      const norm = Math.sqrt(r);
      return [x / norm, y / norm];
    }
  }
}

/** A triangle wave of period 1 between -1 and 1. */
function wave(t: number): number {
  return 4 * abs(t - Math.floor(t) - 0.5) - 1;
}

type Colour = [number, number, number];

function colour(random: Random): Colour {
  return [random.between(20, 235), random.between(20, 235), random.between(20, 235)];
}

function distance(a: Colour, b: Colour): number {
  return abs(a[0] - b[0]) + abs(a[1] - b[1]) + abs(a[2] - b[2]);
}

/** Draws one image at `offset` of `pixels` and returns its label. */
function drawShape(split: ShapeSplit, index: number, seed: number, pixels: Uint8Array, offset: number): number {
  const random = new Random(seed, `shapes/${split}/${index}`);
  const label = random.below(SHAPES.length);
  const inside = SHAPES[label] as Inside;

  const background = colour(random);
  const second = colour(random);
  let ink = colour(random);
  while (distance(ink, background) < 110) ink = colour(random);
  const [tc, ts] = direction(random);
  const period = random.between(4, 14);
  const strength = random.between(0, 0.4);
  const inkStripes = random.between(0, 0.3);

  const [cos, sin] = direction(random);
  const radius = random.between(6.5, 12.5);
  const stretch = random.between(0.8, 1.25);
  const shear = random.between(-0.22, 0.22);
  const cx = random.between(11, 21);
  const cy = random.between(11, 21);

  const clutter = Array.from({ length: 2 + random.below(4) }, () => ({
    x: random.between(0, SIZE),
    y: random.between(0, SIZE),
    r: random.between(1, 2.6),
    ink: colour(random),
    square: random.below(2) === 1,
  }));
  const barred = random.below(100) < 45;
  const [bc, bs] = direction(random);
  const bar = { at: random.between(-5, 5), half: random.between(0.8, 1.9), ink: colour(random) };
  const noise = random.between(4, MOST_NOISE[split]);

  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let sub = 0; sub < SUPER * SUPER; sub++) {
        const px = column + ((sub % SUPER) + 0.5) / SUPER;
        const py = row + (Math.floor(sub / SUPER) + 0.5) / SUPER;
        const t = wave((px * tc + py * ts) / period);
        let point: Colour = mix(background, second, strength * (t + 1));
        for (const blot of clutter) {
          const dx = px - blot.x;
          const dy = py - blot.y;
          if (blot.square ? abs(dx) < blot.r && abs(dy) < blot.r : dx * dx + dy * dy < blot.r * blot.r) point = blot.ink;
        }
        const ux = ((px - cx) * cos + (py - cy) * sin) / (radius * stretch);
        const uy = (((py - cy) * cos - (px - cx) * sin) * stretch) / radius;
        if (inside(ux + shear * uy, uy)) point = mix(ink, second, inkStripes * (1 - t));
        if (barred && abs((px - cx) * bc + (py - cy) * bs - bar.at) < bar.half) point = bar.ink;
        red += point[0];
        green += point[1];
        blue += point[2];
      }
      const at = offset + (row * SIZE + column) * 3;
      pixels[at] = byte(red / (SUPER * SUPER) + noise * bell(random));
      pixels[at + 1] = byte(green / (SUPER * SUPER) + noise * bell(random));
      pixels[at + 2] = byte(blue / (SUPER * SUPER) + noise * bell(random));
    }
  }
  return label;
}

function mix(a: Colour, b: Colour, t: number): Colour {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** A bell-shaped draw of mean 0 and variance 1 (a sum of three uniform draws). */
function bell(random: Random): number {
  return 2 * (random.uniform() + random.uniform() + random.uniform() - 1.5);
}

function byte(value: number): number {
  const rounded = Math.floor(value + 0.5);
  return rounded < 0 ? 0 : Math.min(rounded, 255);
}
