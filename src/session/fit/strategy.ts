/**
 * Which candidate is reconstructed next.
 *
 * Under a size there is little to choose: what the search found, and the widest uniform bits that fit, where they are
 * predicted to lose about as little, since predictions are sums of single layers' errors and uniform widths a good guess.
 *
 * Within a loss the smallest network is looked for along the front. Predicted losses order candidates well but do not say
 * how many points they cost, least of all after reconstruction; so the front's narrowest end is tried first, and what
 * it loses sets the scale: the next candidate is the one that would lose just as much as is allowed if points grew in
 * proportion to predicted nats, and from then on by the power that two tries give. So the bracket between the largest that
 * failed and the smallest that passed is narrowed, each aim kept away from its ends. The last try, where none has passed, goes to everything at its widest.
 */
import type { Frontier } from "./frontier";
import type { Candidate, TriedCandidate } from "./state";

/** How much more loss than the mixed candidate's may be predicted of a uniform one that is tried beside it. */
const CLOSE = 4;
/** Sizes this near to each other are not told apart by another try. */
const NEAR = 1.015;
/** Between which exponents points may grow with predicted nats: outside of them it is noise. */
const EXPONENTS = [0.3, 2] as const;
/** Share of a bracket, in the logarithm of size, that an aim keeps from both ends. */
const MARGIN = 0.15;

/** Under a size, what is tried, best prediction first; at least one. Null where nothing is as small. */
export function candidatesWithin(frontier: Frontier, bytes: number, most: number): Candidate[] | null {
  const mixed = frontier.within(bytes);
  if (!mixed) return null;
  const uniform = frontier.uniform().findLast(({ size }) => size <= bytes);
  if (!uniform) return [mixed];
  if (sameWidths(mixed, uniform)) return [uniform];
  return [mixed, ...(uniform.predictedLoss <= CLOSE * mixed.predictedLoss ? [uniform] : [])].slice(0, most);
}

/** Within a loss in points, what is tried next; null where another try would tell nothing more. */
export function nextWithin(frontier: Frontier, points: number, tried: readonly TriedCandidate[], most: number): Candidate | null {
  const done = tried.filter(({ measured }) => measured !== null);
  if (done.length >= most) return null;
  const passed = smallest(done.filter(({ measured }) => measured?.meets));
  const failed = largest(done.filter(({ measured, size }) => !measured?.meets && size < (passed?.size ?? Number.POSITIVE_INFINITY)));
  const { largest: widest } = frontier;
  if (done.length === 0) return most === 1 ? widest : named(frontier, frontier.smallest);
  if (!failed?.measured) return null;
  const isTried = ({ size }: Candidate) => done.some((one) => one.size === size);
  if (!passed && done.length === most - 1) return isTried(widest) ? null : named(frontier, widest);
  const [low, high] = [failed.size, passed?.size ?? widest.size];
  if (high <= NEAR * low) return passed || isTried(widest) ? null : named(frontier, widest);
  const aim = frontier.cheapest(aimedLoss(points, failed, done));
  const within = (share: number) => low * (high / low) ** share;
  const size = Math.min(within(1 - MARGIN), Math.max(within(MARGIN), aim.size));
  const next = frontier.within(Math.floor(size));
  if (!next || next.size <= low || isTried(next)) return passed || isTried(widest) ? null : named(frontier, widest);
  return named(frontier, next);
}

/**
 * The predicted loss at which so many points should be lost, by a power law through the largest that failed and what was
 * tried next to it in size; in proportion where nothing else tells.
 */
function aimedLoss(points: number, failed: TriedCandidate, done: readonly TriedCandidate[]): number {
  const lostBy = ({ measured }: TriedCandidate) => measured?.lost.quantized ?? 0;
  const apart = (one: TriedCandidate) => Math.abs(Math.log(one.size / failed.size));
  const others = done.filter((one) => one.predictedLoss !== failed.predictedLoss && lostBy(one) > 0).sort((a, b) => apart(a) - apart(b));
  const [beside] = others;
  const exponent = beside ? Math.log(lostBy(beside) / lostBy(failed)) / Math.log(beside.predictedLoss / failed.predictedLoss) : 1;
  const [low, high] = EXPONENTS;
  return failed.predictedLoss * (points / lostBy(failed)) ** (1 / Math.min(high, Math.max(low, exponent)));
}

/** A candidate that happens to have one width throughout, said as such. */
function named(frontier: Frontier, candidate: Candidate): Candidate {
  return frontier.uniform().find((uniform) => sameWidths(uniform, candidate)) ?? candidate;
}

function sameWidths(a: Candidate, b: Candidate): boolean {
  return a.assignment.every(({ bits }, i) => bits === b.assignment[i]?.bits);
}

function smallest(list: readonly TriedCandidate[]): TriedCandidate | null {
  return list.reduce<TriedCandidate | null>((best, one) => (best && best.size <= one.size ? best : one), null);
}

function largest(list: readonly TriedCandidate[]): TriedCandidate | null {
  return list.reduce<TriedCandidate | null>((best, one) => (best && best.size >= one.size ? best : one), null);
}

/** Which of the tried is the best: of those that meet a loss the smallest, else the one that loses least. Null before one is tried. */
export function bestOf(tried: readonly TriedCandidate[], goal: "size" | "loss"): number | null {
  const order = tried.flatMap(({ measured, size }, at) => (measured ? [{ at, size, lost: measured.lost.quantized, meets: measured.meets }] : []));
  order.sort((a, b) => {
    if (a.meets !== b.meets) return a.meets ? -1 : 1;
    return goal === "loss" && a.meets ? a.size - b.size || a.lost - b.lost : a.lost - b.lost || a.size - b.size;
  });
  return order[0]?.at ?? null;
}
