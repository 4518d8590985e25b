/** The time left, fed with synthetic phases: kinds of work whose pace nobody knows beforehand. */
import { describe, expect, test } from "vitest";
import { KINDS, type Kind, Progress, type Told } from "../../src/session/run/progress";

interface Phase {
  readonly kind: Kind | null;
  readonly work: number;
  /** Of a unit of work; of unplanned phases of the whole. */
  readonly seconds: number;
}

/** Runs phases with a clock of its own, twenty steps each. */
function follow(phases: readonly Phase[]): { told: (Told & { at: number })[]; seconds: number } {
  let clock = 0;
  const told: (Told & { at: number })[] = [];
  const total = Object.fromEntries(
    KINDS.map((kind) => [kind, phases.reduce((sum, phase) => sum + (phase.kind === kind ? phase.work : 0), 0)]),
  ) as Record<Kind, number>;
  const progress = new Progress(
    total,
    (one) => told.push({ ...one, at: clock / 1000 }),
    () => clock,
  );
  for (const { kind, work, seconds } of phases) {
    progress.begin("phase", { what: "preparing" }, kind, work);
    for (let step = 1; step <= 20; step++) {
      clock += (1000 * seconds * (kind ? work : 1)) / 20;
      progress.advance(step / 20);
    }
  }
  return { told, seconds: clock / 1000 };
}

/** By how much the told time rises at most above the least before it, after the first tenth of the run. */
function worstRise({ told, seconds }: ReturnType<typeof follow>): number {
  let least = Number.POSITIVE_INFINITY;
  let worst = 1;
  for (const { at, secondsLeft } of told) {
    if (secondsLeft === null || at < 0.1 * seconds) continue;
    // Of the last seconds a third is nothing.
    if (secondsLeft > 3) worst = Math.max(worst, secondsLeft / least);
    least = Math.min(least, secondsLeft);
  }
  return worst;
}

const evaluation = (seconds: number): Phase => ({ kind: "evaluation", work: 10, seconds });
const units = (kind: Kind, paces: readonly number[]): Phase[] => paces.map((seconds) => ({ kind, work: 20, seconds }));

const RUNS: Readonly<Record<string, readonly Phase[]>> = {
  "as reckoned": [evaluation(1), evaluation(1), ...units("weights", [1.2, 1.2, 1.2, 1.2, 1.2, 1.2]), evaluation(1)],
  "training at half the pace": [evaluation(1), evaluation(1), ...units("weights", [2.4, 2.4, 2.4, 2.4, 2.4, 2.4]), evaluation(1)],
  "training three times as fast": [evaluation(1), evaluation(1), ...units("weights", [0.4, 0.4, 0.4, 0.4, 0.4, 0.4]), evaluation(1)],
  "units of unlike pace": [evaluation(1), evaluation(1), ...units("weights", [1, 2, 1, 2.5, 1.5, 1, 2]), evaluation(1)],
  "with activations, slower than reckoned": [
    evaluation(1),
    { kind: "scales", work: 10, seconds: 1.5 },
    evaluation(1.1),
    ...units("weights", [1.2, 1.4, 1.2, 1.3]),
    { kind: "scales", work: 10, seconds: 1.5 },
    ...units("activations", [2.8, 2.8, 2.8, 2.8]),
    evaluation(1.1),
  ],
  "with pauses that nobody planned": [
    evaluation(1),
    { kind: null, work: 0, seconds: 5 },
    evaluation(1),
    ...units("weights", [1.2, 1.2]),
    { kind: null, work: 0, seconds: 8 },
    ...units("weights", [1.2, 1.2, 1.2]),
  ],
};

describe.each(Object.entries(RUNS))("a run %s", (_what, phases) => {
  const run = follow(phases);

  test("never tells a third more than it told before, after its first tenth", () => {
    expect(worstRise(run)).toBeLessThan(4 / 3);
  });

  test("is right within a half from its middle on while a tenth is left, and over at its end", () => {
    const { told, seconds } = run;
    for (const { at, secondsLeft } of told) {
      if (at < seconds / 2 || seconds - at < seconds / 10) continue;
      expect(Math.abs((secondsLeft as number) - (seconds - at)) / (seconds - at)).toBeLessThan(0.5);
    }
    expect(told.at(-1)).toMatchObject({ fraction: 1 });
    expect(told.at(-1)?.secondsLeft as number).toBeLessThan(0.1 * seconds);
  });

  test("has a fraction that never falls", () => {
    const fractions = run.told.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });
});

test("nothing is told before anything is known", () => {
  const { told } = follow([{ kind: "evaluation", work: 1, seconds: 0.5 }]);
  expect(told.every(({ secondsLeft }) => secondsLeft === null)).toBe(true);
});
