/**
 * The images by which a network is watched while its widths are moved and while a run goes on: a sample of those that results
 * are judged on. It is for the eye: no result depends on it.
 *
 * How many: rounding to nearest is looked at for eight widths as soon as a network is drawn, and all should stand on the screen
 * within about 2 s on two cores. These make about 25 billion multiply-accumulates a second of a forward pass (measured,
 * residual network of the demo), so that the passes of one width are held to 4.3 billion: 161 images of the demo. Networks of billions of
 * multiply-accumulates an image take longer than that; they get the least number of images, and the pass gives way to whatever is asked for
 * in the meantime.
 */
import { Random } from "../../base/random";
import { totalMacs } from "../../graph/macs";
import type { Graph } from "../../graph/types";

const [MOST, LEAST, MOST_MACS] = [256, 24, 2 ** 32];

/** How many images a network is watched by. */
export function watchedCount(graph: Graph): number {
  return Math.max(LEAST, Math.min(MOST, Math.floor(MOST_MACS / totalMacs(graph))));
}

/**
 * `count` places of `all`, ascending: one from each of as many equal stretches, at a fixed draw within it, since evenly spaced places fall
 * into step with images whose classes take turns.
 */
export function watchedPlaces(all: number, count: number): number[] {
  const random = new Random(0, "watched images");
  const some = Math.min(all, count);
  return Array.from({ length: some }, (_, i) => {
    const [from, to] = [Math.floor((i * all) / some), Math.floor(((i + 1) * all) / some)];
    return from + random.below(to - from);
  });
}
