/** Size, normalization and channel order of a person's own images. */
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Preprocessing } from "../../data/preprocess";
import { PREPROCESSING_PRESETS } from "../../data/preprocessing-presets";
import { demoRecipe, PREPROCESSING_DEFAULTS } from "../../session/recipe/defaults";
import { useLab } from "../state/react";
import { Choice } from "../ui/choice";
import { NumberField, type Parsed } from "../ui/number-field";
import { useBusy } from "./bound";
import { ConventionChoice, TakeAdvice } from "./preprocessing-notes";
import styles from "./recipe.module.css";

/** Means and deviations alone, for those who set size and channel order themselves. */
const KNOWN = {
  unit: PREPROCESSING_PRESETS.tfjs,
  imagenet: PREPROCESSING_PRESETS.torchvision,
  centred: PREPROCESSING_PRESETS["tfjs-centred"],
  bytes: PREPROCESSING_PRESETS.pixels,
} as const;
const NAMES = ["unit", "imagenet", "centred", "bytes"] as const;

/** What a field means, or the kind of thing that was expected. */
function parseNumbers(text: string): readonly number[] | null {
  const values = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  return values.length > 0 && values.length <= 3 && values.every(Number.isFinite) ? values : null;
}

function parseSize(text: string): readonly number[] | null {
  const values = text
    .split(/[\s,x]+/)
    .filter(Boolean)
    .map(Number);
  return values.length <= 2 && values.every((value) => Number.isInteger(value) && value > 0) ? values : null;
}

const sizeText = (size: number | readonly number[] | null) => (size === null ? "" : typeof size === "number" ? String(size) : size.join("x"));
const pair = ([height = 1, width = height]: readonly number[]): readonly [number, number] => [height, width];

export function PreprocessingFields(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const id = useId();
  const preprocessing = useLab((lab) => lab.recipe.preprocessing);
  const builtin = useLab((lab) => lab.recipe.model.kind === "builtin");
  const change = useLab((lab) => lab.change);
  const isDisabled = useBusy();
  // The model's own: a built-in network's is known, of one's own nothing is.
  const standard: Preprocessing = builtin ? demoRecipe().preprocessing : PREPROCESSING_DEFAULTS;
  const set = (part: Partial<Preprocessing>) => change({ preprocessing: { ...preprocessing, ...part } });
  /** The way back of one field. */
  const back = (key: keyof Preprocessing, text: string) =>
    JSON.stringify(preprocessing[key]) === JSON.stringify(standard[key]) ? null : { text, reset: () => set({ [key]: standard[key] }) };
  const known = NAMES.find((name) => KNOWN[name].mean.join() === preprocessing.mean.join() && KNOWN[name].std.join() === preprocessing.std.join());
  const orNone = (text: string) => text || t("preprocessing.unchanged");
  const ofNumbers = (text: string, positive: boolean): Parsed<readonly number[]> => {
    const values = parseNumbers(text);
    if (!values) return { error: t("expected.numbers") };
    return positive && values.some((value) => value <= 0) ? { error: t("expected.positive") } : { value: values };
  };
  return (
    <section className={styles.group} aria-labelledby={id}>
      <h4 id={id}>{t("preprocessing.title")}</h4>
      <TakeAdvice />
      <ConventionChoice />
      <NumberField<Preprocessing["resize"]>
        label={t("preprocessing.resize.label")}
        help={t("preprocessing.resize.help")}
        value={preprocessing.resize}
        isDisabled={isDisabled}
        wayBack={back("resize", orNone(sizeText(standard.resize)))}
        inputMode="text"
        placeholder={t("preprocessing.unchanged")}
        format={sizeText}
        parse={(text) => {
          const size = parseSize(text);
          if (!size) return { error: t("expected.size") };
          return { value: size.length === 0 ? null : size.length === 1 ? (size[0] as number) : pair(size) };
        }}
        onChange={(resize) => set({ resize })}
      />
      <NumberField<Preprocessing["crop"]>
        label={t("preprocessing.crop.label")}
        help={t("preprocessing.crop.help")}
        value={preprocessing.crop}
        isDisabled={isDisabled}
        wayBack={back("crop", orNone(sizeText(standard.crop)))}
        inputMode="text"
        placeholder={t("preprocessing.unchanged")}
        format={sizeText}
        parse={(text) => {
          const size = parseSize(text);
          return size ? { value: size.length === 0 ? null : pair(size) } : { error: t("expected.size") };
        }}
        onChange={(crop) => set({ crop })}
      />
      <Choice
        label={t("preprocessing.normalization.label")}
        help={t("preprocessing.normalization.help")}
        value={known ?? "custom"}
        options={[
          ...NAMES.map((name) => [name, t(`preprocessing.normalization.${name}`)] as const),
          ["custom", t("preprocessing.normalization.custom")],
        ]}
        isDisabled={isDisabled}
        onChange={(name) => {
          if (name !== "custom") set({ mean: KNOWN[name].mean, std: KNOWN[name].std });
        }}
      />
      <NumberField
        label={t("preprocessing.mean.label")}
        help={t("preprocessing.mean.help")}
        value={preprocessing.mean}
        isDisabled={isDisabled}
        wayBack={back("mean", standard.mean.join(", "))}
        format={(values) => values.join(", ")}
        parse={(text) => ofNumbers(text, false)}
        onChange={(mean) => set({ mean })}
      />
      <NumberField
        label={t("preprocessing.std.label")}
        help={t("preprocessing.std.help")}
        value={preprocessing.std}
        isDisabled={isDisabled}
        wayBack={back("std", standard.std.join(", "))}
        format={(values) => values.join(", ")}
        parse={(text) => ofNumbers(text, true)}
        onChange={(std) => set({ std })}
      />
      <Choice
        label={t("preprocessing.channels.label")}
        help={t("preprocessing.channels.help")}
        value={preprocessing.channelOrder}
        options={(["rgb", "bgr"] as const).map((order) => [order, t(`preprocessing.channels.${order}`)] as const)}
        isDisabled={isDisabled}
        wayBack={back("channelOrder", t(`preprocessing.channels.${standard.channelOrder}`))}
        onChange={(channelOrder) => set({ channelOrder })}
      />
    </section>
  );
}
