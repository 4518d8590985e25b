/** Layers whose width a person has said, by name or pattern: a list to change, to add to and to take from. */
import { X } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import { Field } from "../ui/field";
import controls from "../ui/field.module.css";
import { useSetting } from "./bound";
import { bitsFrom, OVERRIDE_WIDTHS, withOverride } from "./overrides";
import styles from "./recipe.module.css";
import { overrides } from "./settings";

interface WidthProps {
  readonly label: string;
  readonly value: string;
  readonly isDisabled: boolean;
  onChange(width: string): void;
}

function Width({ label, value, isDisabled, onChange }: WidthProps): React.ReactNode {
  const { t } = useTranslation("recipe");
  return (
    <select
      aria-label={label}
      className={`${controls.control} ${styles.width}`}
      value={value}
      disabled={isDisabled}
      onChange={(event) => onChange(event.target.value)}
    >
      {OVERRIDE_WIDTHS.map((width) => (
        <option key={width} value={width}>
          {width === "float" ? t("float") : t("bits", { bits: width })}
        </option>
      ))}
    </select>
  );
}

export function OverrideFields(): React.ReactNode {
  const { t } = useTranslation("recipe");
  const id = useId();
  const weights = useLab((lab) => lab.recipe.weights);
  const change = useLab((lab) => lab.change);
  const { value, isDisabled, set, wayBack } = useSetting(overrides);
  const [pattern, setPattern] = useState("");
  const [width, setWidth] = useState("float");
  const list = value ?? [];
  const layers = pattern.trim();
  const add = () => {
    if (layers === "") return;
    change({ weights: withOverride(weights, layers, bitsFrom(width)) });
    setPattern("");
  };
  return (
    <Field label={t("weights.own.label")} labelId={id} help={t("weights.own.help")} wayBack={wayBack(t("weights.own.none"))} isDisabled={isDisabled}>
      <ul className={styles.overrides} aria-labelledby={id} data-testid="overrides">
        {list.map(({ layers: name, bits: own }) => (
          <li key={name}>
            <code>{name}</code>
            <Width
              label={t("weights.own.widthOf", { name })}
              value={String(own)}
              isDisabled={isDisabled}
              onChange={(next) => set(list.map((one) => (one.layers === name ? { ...one, bits: bitsFrom(next) } : one)))}
            />
            <Button
              look="quiet"
              isDisabled={isDisabled}
              aria-label={t("weights.own.remove", { name })}
              onPress={() => change({ weights: withOverride(weights, name, null) })}
            >
              <X aria-hidden />
            </Button>
          </li>
        ))}
        <li>
          <input
            className={controls.control}
            aria-label={t("weights.own.layers")}
            placeholder={t("weights.own.example")}
            value={pattern}
            disabled={isDisabled}
            onChange={(event) => setPattern(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") add();
            }}
          />
          <Width label={t("weights.own.width")} value={width} isDisabled={isDisabled} onChange={setWidth} />
          <Button isDisabled={isDisabled || layers === ""} onPress={add}>
            {t("weights.own.add")}
          </Button>
        </li>
      </ul>
    </Field>
  );
}
