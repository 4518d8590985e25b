/** A first look in words and rows: what will be hard to round, told from what was seen of the weights. */
import { median } from "../../base/median";
import type { FirstLook, LayerLook } from "../../quantize/first-look";
import { LOOKED_AT, OUTLIER_RANGE } from "../../quantize/settings";
import { shortName } from "./view";

/** Percent of the weights' energy that rounding takes, of a signal-to-quantization-noise ratio in decibels. */
export function percentLost(sqnr: number | null): number {
  return sqnr === null ? 0 : 100 * 10 ** (-sqnr / 10);
}

const percent = (value: number) => `${value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))} %`;
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Percent lost from which on a layer counts as hard at a width. */
const HARD = 10;
/** Names that a sentence lists. */
const NAMED = 3;

const lostAt = (bits: (typeof LOOKED_AT)[number]) => (layer: LayerLook) => percentLost(layer.sqnr[LOOKED_AT.indexOf(bits)] ?? null);

function named(layers: readonly LayerLook[]): string {
  const names = layers.slice(0, NAMED).map(({ name }) => shortName(name));
  return layers.length > NAMED ? `${names.join(", ")} and ${layers.length - NAMED} more` : names.join(", ");
}

/** Sentences on what will be hard, the hardest first. */
export function whatIsHard({ layers }: FirstLook): string[] {
  const sentences: string[] = [];
  const atFour = lostAt(4);
  const worst = layers.reduce((most, layer) => (atFour(layer) > atFour(most) ? layer : most));
  sentences.push(
    `At 4 bit ${shortName(worst.name)} loses most, ${percent(atFour(worst))} of its weights' energy; the median layer loses ${percent(median(layers.map(atFour)))}.`,
  );
  for (const bits of [4, 3, 2] as const) {
    const hard = layers.filter((layer) => lostAt(bits)(layer) > HARD).sort((a, b) => lostAt(bits)(b) - lostAt(bits)(a));
    if (hard.length === 0) continue;
    const which =
      hard.length === layers.length
        ? "every layer loses"
        : `${counted(hard.length, "layer")} of ${layers.length} ${hard.length === 1 ? "loses" : "lose"}`;
    sentences.push(`At ${bits} bit ${which} more than ${HARD} %${hard.length === layers.length ? "" : `: ${named(hard)}`}.`);
    break;
  }
  const depthwise = layers.filter(({ kind }) => kind === "depthwise");
  const others = layers.filter(({ kind }) => kind !== "depthwise");
  if (depthwise.length > 0 && others.length > 0)
    sentences.push(
      `Depthwise layers lose ${percent(median(depthwise.map(atFour)))} at 4 bit in the median, the others ${percent(median(others.map(atFour)))}.`,
    );
  const outliers = layers.filter((layer) => layer.outliers.length > 0).sort((a, b) => b.widest - a.widest);
  sentences.push(
    outliers.length === 0
      ? "No layer has outlier channels."
      : `${counted(outliers.length, "layer")} ${outliers.length === 1 ? "has" : "have"} outlier channels, with a range over ${OUTLIER_RANGE} times their layer's median, up to ${Number((outliers[0] as LayerLook).widest.toPrecision(2))} times: ${named(outliers)}.`,
  );
  return sentences;
}

/** The columns of a table of layers. */
export const LOOK_COLUMNS: readonly string[] = [
  "layer",
  ...LOOKED_AT.map((bits) => `${bits} bit, dB`),
  "range",
  "outlier channels",
  "widest / median",
];

/** One layer's row. */
export function lookRow({ name, sqnr, range: [low, high], outliers, channels, widest }: LayerLook): string[] {
  return [
    ...[shortName(name), ...sqnr.map((value) => (value === null ? "exact" : value.toFixed(1)))],
    `${low.toPrecision(3)} to ${high.toPrecision(3)}`,
    ...[outliers.length === 0 ? "none" : `${outliers.length} of ${channels}`, widest.toFixed(1)],
  ];
}
