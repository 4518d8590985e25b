/**
 * Which of the watched images are shown: those that tell what fewer bits do. A picture "turns" at the widest width at which the
 * network calls it something else than at full precision, and does so at every narrower one: as one drags from 8 to 2 bit it turns
 * once and stays. A few turn at 4 bit or before, more at 3 and at 2, and some never do. Pictures that full precision gets right come first, for
 * with them to turn is to turn wrong; of two that are as good, the one whose class is shown less often.
 */

/** Pictures that are shown. */
export const SHOWN = 12;

/** Of twelve: how many turn at 4 bit or before, at 3, at 2, and never. */
const QUOTAS = [3, 3, 3, 3] as const;

/** What networks make of the sample: the class of each image at full precision, and rounded to nearest, widest first. */
export interface Seen {
  readonly full: Int32Array;
  readonly rounded: readonly { readonly bits: number; readonly predictions: Int32Array }[];
  /** Null without labels. */
  readonly labels: Int32Array | null;
}

/** The bits at which an image turns for good; 0 where it never does, null where it turns and turns back. */
export function turnsAt({ full, rounded }: Pick<Seen, "full" | "rounded">, image: number): number | null {
  const differs = rounded.map(({ predictions }) => predictions[image] !== full[image]);
  const first = differs.indexOf(true);
  if (first < 0) return 0;
  return differs.slice(first).every(Boolean) ? (rounded[first] as { bits: number }).bits : null;
}

/** Places of the images that are shown among the sample, ascending. */
export function chooseShown(seen: Seen): number[] {
  const { full, labels } = seen;
  const chosen: number[] = [];
  const shownOf = new Map<number, number>();
  const classOf = (image: number) => (labels ?? full)[image] as number;
  const take = (candidates: readonly number[], most: number) => {
    const left = new Set(candidates.filter((image) => !chosen.includes(image)));
    for (let taken = 0; taken < most && left.size > 0 && chosen.length < SHOWN; taken++) {
      const least = Math.min(...[...left].map((image) => shownOf.get(classOf(image)) ?? 0));
      const next = [...left].find((image) => (shownOf.get(classOf(image)) ?? 0) === least) as number;
      left.delete(next);
      chosen.push(next);
      shownOf.set(classOf(next), least + 1);
    }
  };
  const images = Array.from(full.keys());
  const isRight = (image: number) => labels === null || labels[image] === full[image];
  const turns = images.map((image) => turnsAt(seen, image));
  const groups = [
    images.filter((image) => (turns[image] ?? 0) >= 4),
    images.filter((image) => turns[image] === 3),
    images.filter((image) => turns[image] === 2),
    images.filter((image) => turns[image] === 0),
  ];
  for (const [i, group] of groups.entries()) take(group.filter(isRight), QUOTAS[i] as number);
  // Where a group has too few, first others that turn, then whatever there is.
  take(groups.slice(0, 3).flat().filter(isRight), SHOWN);
  take(images.filter(isRight), SHOWN);
  take(images, SHOWN);
  return chosen.sort((a, b) => a - b);
}
