/** How many seeds an experiment averages over. */
import { useTranslation } from "react-i18next";
import { NumberField } from "../../ui/number-field";

const MOST = 10;

interface SeedsFieldProps {
  readonly seeds: number;
  readonly disabled: boolean;
  onChange(seeds: number): void;
}

export function SeedsField({ seeds, disabled, onChange }: SeedsFieldProps): React.ReactNode {
  const { t } = useTranslation("compare");
  return (
    <NumberField
      label={t("experiments.seeds")}
      help={t("experiments.seedsHelp")}
      value={seeds}
      isDisabled={disabled}
      inputMode="numeric"
      format={String}
      parse={(text) => {
        const value = Number(text);
        if (Number.isInteger(value) && value >= 1 && value <= MOST) return { value };
        return { error: t("experiments.wholeNumber", { least: 1, most: MOST }) };
      }}
      onChange={onChange}
    />
  );
}
