/** The axes of a grid: methods, bits, units, seeds. */
import { useTranslation } from "react-i18next";
import { METHOD_CATALOG, METHOD_NAMES } from "../../../quantize/methods/catalog";
import { UNIT_KINDS } from "../../../session/recipe/recipe";
import type { GridChoice } from "../../compare/grid";
import styles from "./compare.module.css";
import { SeedsField } from "./seeds-field";

interface AxisProps<T extends string | number> {
  readonly legend: string;
  readonly values: readonly T[];
  readonly chosen: readonly T[];
  readonly disabled: boolean;
  text(value: T): string;
  onChange(chosen: T[]): void;
}

function Axis<T extends string | number>({ legend, values, chosen, disabled, text, onChange }: AxisProps<T>): React.ReactNode {
  return (
    <fieldset className={styles.axis} disabled={disabled}>
      <legend>{legend}</legend>
      {values.map((value) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) => onChange(values.filter((one) => (one === value ? event.target.checked : chosen.includes(one))))}
          />
          {text(value)}
        </label>
      ))}
    </fieldset>
  );
}

interface GridFieldsProps {
  readonly choice: GridChoice;
  readonly disabled: boolean;
  onChange(choice: GridChoice): void;
}

export function GridFields({ choice, disabled, onChange }: GridFieldsProps): React.ReactNode {
  const { t } = useTranslation("compare");
  return (
    <div className={styles.axes}>
      <Axis
        legend={t("experiments.methods")}
        values={METHOD_NAMES}
        chosen={choice.methods}
        disabled={disabled}
        text={(name) => METHOD_CATALOG[name].title}
        onChange={(methods) => onChange({ ...choice, methods })}
      />
      <Axis
        legend={t("experiments.weights")}
        values={[2, 3, 4, 6, 8]}
        chosen={choice.weights}
        disabled={disabled}
        text={String}
        onChange={(weights) => onChange({ ...choice, weights })}
      />
      <Axis
        legend={t("experiments.activations")}
        values={[32, 8, 4, 2]}
        chosen={choice.activations}
        disabled={disabled}
        text={(bits) => (bits === 32 ? t("experiments.float") : String(bits))}
        onChange={(activations) => onChange({ ...choice, activations })}
      />
      <Axis
        legend={t("experiments.units")}
        values={UNIT_KINDS}
        chosen={choice.units}
        disabled={disabled}
        text={(unit) => t(`experiments.unitNames.${unit}`)}
        onChange={(units) => onChange({ ...choice, units })}
      />
      <SeedsField seeds={choice.seeds} disabled={disabled} onChange={(seeds) => onChange({ ...choice, seeds })} />
    </div>
  );
}
