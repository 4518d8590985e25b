/** Controls bound to a setting of the recipe: each knows its default and the way back, and rests while a run goes. */
import { useTranslation } from "react-i18next";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Choice } from "../ui/choice";
import type { WayBack } from "../ui/field";
import { NumberField, type Parsed } from "../ui/number-field";
import { defaultOf, isDefault, type Setting } from "./settings";

export interface Bound<T> {
  readonly value: T;
  readonly isDisabled: boolean;
  set(value: T): void;
  /** The way back to the default; null where it stands there. @param text the default as people read it */
  wayBack(text: string): WayBack | null;
}

/** Whether a run, an experiment or a search is going, while the recipe cannot be changed. */
export function useBusy(): boolean {
  return useLab((lab) => isBusy(lab.view.state));
}

export function useSetting<T>(setting: Setting<T>): Bound<T> {
  const recipe = useLab((lab) => lab.recipe);
  const change = useLab((lab) => lab.change);
  const isDisabled = useBusy();
  const set = (value: T) => change(setting.write(recipe, value));
  return {
    value: setting.read(recipe),
    isDisabled,
    set,
    wayBack: (text) => (isDefault(setting, recipe) ? null : { text, reset: () => set(defaultOf(setting)) }),
  };
}

interface SettingChoiceProps<T> {
  readonly setting: Setting<T>;
  readonly label: string;
  readonly help?: React.ReactNode;
  readonly options: readonly (readonly [value: T, text: string])[];
  /** For a choice that the method makes by itself: what it is then. */
  readonly fixed?: T | undefined;
}

/** One of many. Values may be anything that JSON tells apart. */
export function SettingChoice<T>({ setting, label, help, options, fixed }: SettingChoiceProps<T>): React.ReactNode {
  const { value, isDisabled, set, wayBack } = useSetting(setting);
  const textOf = (one: T) => options.find(([option]) => option === one)?.[1] ?? String(one);
  return (
    <Choice
      label={label}
      help={help}
      value={JSON.stringify(fixed ?? value)}
      options={options.map(([option, text]) => [JSON.stringify(option), text] as const)}
      isDisabled={isDisabled || fixed !== undefined}
      wayBack={fixed === undefined ? wayBack(textOf(defaultOf(setting))) : null}
      onChange={(text) => set(JSON.parse(text) as T)}
    />
  );
}

interface SettingNumberProps {
  readonly setting: Setting<number>;
  readonly label: string;
  readonly help?: React.ReactNode;
  readonly low: number;
  readonly high: number;
  readonly whole?: boolean;
}

export function SettingNumber({ setting, label, help, low, high, whole = false }: SettingNumberProps): React.ReactNode {
  const { value, isDisabled, set, wayBack } = useSetting(setting);
  const inRange = useInRange(low, high, whole);
  return (
    <NumberField
      label={label}
      help={help}
      value={value}
      isDisabled={isDisabled}
      wayBack={wayBack(String(defaultOf(setting)))}
      inputMode={whole ? "numeric" : "decimal"}
      format={String}
      parse={inRange}
      onChange={set}
    />
  );
}

interface OptionalNumberProps extends Omit<SettingNumberProps, "setting" | "whole"> {
  readonly setting: Setting<number | null>;
  /** What an empty field means, in a word or two. */
  readonly none: string;
}

/** A whole number that may be left to the lab. */
export function SettingOptionalNumber({ setting, label, help, low, high, none }: OptionalNumberProps): React.ReactNode {
  const { value, isDisabled, set, wayBack } = useSetting(setting);
  const inRange = useInRange(low, high, true);
  return (
    <NumberField<number | null>
      label={label}
      help={help}
      value={value}
      isDisabled={isDisabled}
      wayBack={wayBack(none)}
      inputMode="numeric"
      placeholder={none}
      format={(number) => (number === null ? "" : String(number))}
      parse={(text) => (text.trim() === "" ? { value: null } : inRange(text))}
      onChange={set}
    />
  );
}

/** A parser for whole or fractional numbers in a range, with its message in the page's language. */
export function useInRange(low: number, high: number, whole: boolean): (text: string) => Parsed<number> {
  const { t } = useTranslation("recipe");
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value) && value >= low && value <= high && (!whole || Number.isInteger(value))) return { value };
    return { error: t(whole ? "expected.integer" : "expected.number", { low, high }) };
  };
}
