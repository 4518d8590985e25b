/** What most people change, always in sight: widths, method, unit and effort. */
import { useTranslation } from "react-i18next";
import { METHOD_CATALOG, METHOD_NAMES } from "../../quantize/methods/catalog";
import { DEFAULT_PRESET, PRESETS, type PresetName, presetFields } from "../../session/recipe/presets";
import { UNIT_KINDS, type UnitKind } from "../../session/recipe/recipe";
import { useFormat } from "../i18n/format";
import { useLab } from "../state/react";
import { Choice } from "../ui/choice";
import { Segments } from "../ui/segments";
import { useBusy, useSetting } from "./bound";
import { EFFORTS, effortOf, expectedSeconds } from "./effort";
import styles from "./recipe.module.css";
import { activationBits, bits, defaultOf, method, unit } from "./settings";

/** Widths that stand in a bar; the others are in their section, and join the bar while one of them is set. */
const [WEIGHT_WIDTHS, ACTIVATION_WIDTHS] = [
  [2, 3, 4, 6, 8],
  [8, 6, 4, 3, 2],
] as const;

const [MIXED, OFF] = ["mixed", "off"] as const;

export function TopFields(): React.ReactNode {
  const trains = useLab((lab) => METHOD_CATALOG[lab.recipe.method].trains);
  return (
    <>
      <WeightBits />
      <ActivationBits />
      <MethodField />
      <UnitField />
      {trains ? <EffortField /> : null}
    </>
  );
}

function withCurrent(widths: readonly number[], current: number | null): readonly number[] {
  return current === null || widths.includes(current) ? widths : [...widths, current];
}

function WeightBits(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const { value, isDisabled, wayBack } = useSetting(bits);
  const weights = useLab((lab) => lab.recipe.weights);
  const change = useLab((lab) => lab.change);
  const { assignment } = weights;
  // A common width takes the place of those that a search gave: the bar must not say one thing and the network hold another.
  const choose = (width: number) => change({ weights: { ...weights, bits: width, assignment: null } });
  const standard = { text: t("bits", { bits: defaultOf(bits) }), reset: () => choose(defaultOf(bits)) };
  return (
    <Segments
      label={t("weights.bits.label")}
      help={assignment ? t("weights.bits.mixed", { count: Object.keys(assignment).length }) : t("weights.bits.help")}
      value={assignment ? MIXED : String(value)}
      options={[
        ...withCurrent(WEIGHT_WIDTHS, assignment ? null : value).map((width) => [String(width), String(width)] as const),
        ...(assignment ? [[MIXED, t("mixed")] as const] : []),
      ]}
      isDisabled={isDisabled}
      wayBack={assignment ? standard : wayBack(standard.text)}
      onChange={(width) => (width === MIXED ? undefined : choose(Number(width)))}
    />
  );
}

function ActivationBits(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const { value, isDisabled, set, wayBack } = useSetting(activationBits);
  const activations = useLab((lab) => lab.recipe.activations);
  const change = useLab((lab) => lab.change);
  const assignment = activations?.assignment ?? null;
  const choose = (width: number) =>
    assignment && activations ? change({ activations: { ...activations, bits: width, assignment: null } }) : set(width);
  const help = assignment
    ? t("activations.bits.mixed", { count: Object.keys(assignment).length })
    : t(value === null ? "activations.bits.off" : "activations.bits.help");
  return (
    <Segments
      label={t("activations.bits.label")}
      help={help}
      value={value === null ? OFF : assignment ? MIXED : String(value)}
      options={[
        [OFF, t("off")] as const,
        ...withCurrent(ACTIVATION_WIDTHS, assignment ? null : value).map((width) => [String(width), String(width)] as const),
        ...(assignment ? [[MIXED, t("mixed")] as const] : []),
      ]}
      isDisabled={isDisabled}
      wayBack={wayBack(t("off"))}
      onChange={(width) => {
        if (width === OFF) set(null);
        else if (width !== MIXED) choose(Number(width));
      }}
    />
  );
}

function MethodField(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const { value, isDisabled, set, wayBack } = useSetting(method);
  const { paper } = METHOD_CATALOG[value];
  return (
    <Choice
      label={t("method.label")}
      help={
        <>
          {t(`method.about.${value}`)}
          {value === "nearest" ? null : (
            <cite lang="en" className={styles.paper}>
              {paper}
            </cite>
          )}
        </>
      }
      value={value}
      options={METHOD_NAMES.map((name) => [name, name === "nearest" ? t("method.nearest") : METHOD_CATALOG[name].title] as const)}
      isDisabled={isDisabled}
      wayBack={wayBack(METHOD_CATALOG[defaultOf(method)].title)}
      onChange={set}
    />
  );
}

function UnitField(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const { value, isDisabled, set, wayBack } = useSetting(unit);
  const name = useLab((lab) => lab.recipe.method);
  const { optimizes, title } = METHOD_CATALOG[name];
  const free = optimizes === "unit";
  const help = free ? t(`unit.about.${value}`) : t(optimizes === "layer" ? "unit.layersOnly" : "unit.none", { method: title });
  return (
    <Segments<UnitKind>
      label={t("unit.label")}
      help={help}
      value={free ? value : optimizes === "layer" ? "layer" : null}
      options={UNIT_KINDS.map((kind) => [kind, t(`unit.${kind}`)] as const)}
      isDisabled={isDisabled || !free}
      wayBack={free ? wayBack(t(`unit.${defaultOf(unit)}`)) : null}
      onChange={set}
    />
  );
}

function EffortField(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const format = useFormat();
  const recipe = useLab((lab) => lab.recipe);
  const report = useLab((lab) => lab.view.report);
  const change = useLab((lab) => lab.change);
  const busy = useBusy();
  const effort = effortOf(recipe);
  const seconds = expectedSeconds(recipe, report);
  const iterations = t("effort.iterations", { count: recipe.iterations, shown: format.count(recipe.iterations) });
  const choose = (name: PresetName) => change(presetFields(name, recipe.activations));
  return (
    <Segments<PresetName | "custom">
      label={t("effort.label")}
      help={
        <>
          {iterations}
          {seconds === null ? ". " : `${t("effort.about", { time: format.duration(seconds) })} `}
          {effort === null ? t("effort.custom") : t(`effort.why.${effort}`)}
        </>
      }
      value={effort ?? "custom"}
      options={[
        ...EFFORTS.map((name) => [name, t(`effort.${name}`)] as const),
        ...(effort === null ? [["custom", t("effort.customName")] as const] : []),
      ]}
      isDisabled={busy}
      wayBack={
        effort === DEFAULT_PRESET
          ? null
          : { text: `${t(`effort.${DEFAULT_PRESET}`)} (${PRESETS[DEFAULT_PRESET].iterations})`, reset: () => choose(DEFAULT_PRESET) }
      }
      onChange={(name) => (name === "custom" ? undefined : choose(name))}
    />
  );
}
