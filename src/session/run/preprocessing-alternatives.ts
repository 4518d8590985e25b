/** The usual ways to preprocess images, as alternatives to a given one, and what tells them from it in words. */
import type { Preprocessing } from "../../data/preprocess";
import { isSamePreprocessing, PREPROCESSING_PRESETS } from "../../data/preprocessing-presets";

type Normalization = Pick<Preprocessing, "mean" | "std">;

/** Means and deviations by channel, in the order of red, green and blue. */
const NORMALIZATIONS: readonly (readonly [text: string, normalization: Normalization])[] = [
  ["mean 0 and standard deviation 1 (pixels in 0..1)", PREPROCESSING_PRESETS.tfjs],
  ["mean 0.5 and standard deviation 0.5 (pixels in -1..1)", PREPROCESSING_PRESETS["tfjs-centred"]],
  ["mean 0 and standard deviation 1/255 (pixels in 0..255)", PREPROCESSING_PRESETS.pixels],
  ["ImageNet's mean and standard deviation", PREPROCESSING_PRESETS.torchvision],
  ["ImageNet's mean and standard deviation 1/255 (Caffe)", reversed(PREPROCESSING_PRESETS["keras-caffe"])],
];

function reversed({ mean, std }: Normalization): Normalization {
  return { mean: [...mean].reverse(), std: [...std].reverse() };
}

function normalizationOf({ mean, std }: Normalization): Normalization {
  return { mean, std };
}

/** Alternatives that change one thing: the order of the channels, or mean and deviation. */
export function singleChanges(given: Preprocessing, channels: number): Preprocessing[] {
  const other = given.channelOrder === "rgb" ? "bgr" : "rgb";
  return fitting(given, channels, [
    { ...given, channelOrder: other },
    ...NORMALIZATIONS.slice(0, -1).map(([, normalization]) => ({ ...given, ...normalizationOf(normalization) })),
  ]);
}

/** Every usual normalization with the channels in either order; means and deviations follow the order. */
export function combinations(given: Preprocessing, channels: number): Preprocessing[] {
  return fitting(
    given,
    channels,
    NORMALIZATIONS.flatMap(([, normalization]) => [
      { ...given, ...normalizationOf(normalization), channelOrder: "rgb" as const },
      { ...given, ...reversed(normalization), channelOrder: "bgr" as const },
    ]),
  );
}

/**
 * The usual ways to bring pictures to a network's size.
 * @param input [height, width, ...]
 */
export function sizes(given: Preprocessing, input: readonly number[]): Preprocessing[] {
  const [height, width] = input as readonly [number, number];
  const crop = [height, width] as const;
  const side = Math.max(height, width);
  const all: Preprocessing[] = [
    { ...given, resize: crop, crop: null },
    { ...given, resize: Math.floor(side / 0.875), crop },
    { ...given, resize: side, crop },
  ];
  return all.filter((one) => !isSamePreprocessing(one, given));
}

/** Without those that are the given one, and without three means and an order of channels where there are no three channels. */
function fitting(given: Preprocessing, channels: number, all: readonly Preprocessing[]): Preprocessing[] {
  return all.filter(
    (one) => !isSamePreprocessing(one, given) && (channels === 3 || (one.mean.length === 1 && one.channelOrder === given.channelOrder)),
  );
}

const three = (values: readonly number[]) => [0, 1, 2].map((c) => values[values.length === 1 ? 0 : c]);

/** What an alternative does differently, for "but 90 % with …". */
export function differenceText(one: Preprocessing, given: Preprocessing): string {
  const parts: string[] = [];
  const values = (normalization: Normalization) => JSON.stringify([three(normalization.mean), three(normalization.std)]);
  if (values(one) !== values(given)) {
    const inOrder = one.channelOrder === "bgr" ? reversed : normalizationOf;
    const known =
      NORMALIZATIONS.find(([, normalization]) => values(inOrder(normalization)) === values(one)) ??
      NORMALIZATIONS.find(([, normalization]) => values(normalization) === values(one));
    parts.push(known?.[0] ?? `mean ${one.mean.join(", ")} and standard deviation ${one.std.join(", ")}`);
  }
  if (one.channelOrder !== given.channelOrder) parts.push("the channels in the other order");
  if (JSON.stringify([one.resize, one.crop]) !== JSON.stringify([given.resize, given.crop]))
    parts.push(
      one.crop
        ? `the shorter side resized to ${one.resize} and a centre crop of ${one.crop.join("x")}`
        : `pictures stretched to ${(one.resize as readonly number[]).join("x")}`,
    );
  return parts.join(", and ");
}
