/** What a search is asked: the limit in sight, the rest folded with what is set in its summary. */
import { useTranslation } from "react-i18next";
import { FPGA_DEFAULTS, FPGA_RANGES } from "../../../search/allocation/costs/fpga";
import { COST_NAMES, type CostName } from "../../../session/search/limit";
import { costKey, type Problem, type SearchFields } from "../../precision/search";
import { Choice } from "../../ui/choice";
import { NumberField } from "../../ui/number-field";
import { Section } from "../../ui/section";
import { Segments } from "../../ui/segments";
import { WidthBoxes } from "../../ui/width-boxes";
import styles from "./precision.module.css";

interface SettingsProps {
  readonly fields: SearchFields;
  readonly problem: Problem | null;
  readonly isDisabled: boolean;
  onChange(change: Partial<SearchFields>): void;
}

export function Settings({ fields, problem, isDisabled, onChange }: SettingsProps): React.ReactNode {
  const { t } = useTranslation("precision");
  const { cost, amounts, bits, activationBits, measure, against, genetic } = fields;
  const costs = COST_NAMES.map((name) => [name, t(costKey(name))] as const);
  const said = problem && ("error" in problem ? problem.error : t(`problem.${problem.problem}`));
  return (
    <div className={styles.settings}>
      <div className={styles.fields}>
        <Choice<CostName>
          label={t("fields.cost")}
          value={cost}
          options={costs}
          isDisabled={isDisabled}
          onChange={(value) => onChange({ cost: value })}
        />
        <NumberField
          label={t("fields.amount")}
          help={t("fields.amountHelp")}
          value={amounts}
          isDisabled={isDisabled}
          inputMode="text"
          format={(text) => text}
          parse={(text) => ({ value: text })}
          onChange={(text) => onChange({ amounts: text })}
        />
        <WidthBoxes label={t("fields.bits")} chosen={bits} isDisabled={isDisabled} onChange={(widths) => onChange({ bits: widths })} />
      </div>
      {said ? (
        <p className={styles.problem} role="alert">
          {said}
        </p>
      ) : null}
      <Section title={t("fields.how")} summary={t(`fields.${measure}`)}>
        <Segments
          label={t("fields.measure")}
          help={t("fields.measureHelp")}
          value={measure}
          options={[
            ["nearest", t("fields.nearest")],
            ["reconstructed", t("fields.reconstructed")],
          ]}
          isDisabled={isDisabled}
          onChange={(value) => onChange({ measure: value })}
        />
        <WidthBoxes
          label={t("fields.activationBits")}
          help={activationBits.length > 0 && cost === "size" ? t("fields.activationsFree") : t("fields.activationHelp")}
          chosen={activationBits}
          isDisabled={isDisabled}
          onChange={(widths) => onChange({ activationBits: widths })}
        />
        <Choice<CostName>
          label={t("fields.against")}
          help={t("fields.againstHelp")}
          value={against}
          options={costs.filter(([name]) => name !== "size")}
          isDisabled={isDisabled}
          onChange={(value) => onChange({ against: value })}
        />
        {cost === "table" || against === "table" ? (
          <label className={styles.file}>
            {t("fields.table")}
            <input
              type="file"
              accept=".csv,.json"
              disabled={isDisabled}
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (file) void file.text().then((text) => onChange({ table: { name: file.name, text } }));
              }}
            />
          </label>
        ) : null}
        <div className={styles.fields}>
          {(["population", "generations", "mutation"] as const).map((name) => (
            <Amount
              key={name}
              label={t(`genetic.${name}`)}
              value={genetic[name]}
              range={name === "population" ? [4, 500, true] : name === "generations" ? [1, 1000, true] : [0, 1, false]}
              isDisabled={isDisabled}
              onChange={(value) => onChange({ genetic: { ...genetic, [name]: value } })}
            />
          ))}
        </div>
        {cost === "latency:fpga" || against === "latency:fpga" ? (
          <div className={styles.fields}>
            {(["rows", "columns", "buffer", "bandwidth", "megahertz"] as const).map((name) => (
              <Amount
                key={name}
                label={t(`fpga.${name}`)}
                value={fields.fpga[name] ?? FPGA_DEFAULTS[name]}
                range={FPGA_RANGES[name]}
                isDisabled={isDisabled}
                onChange={(value) => onChange({ fpga: { ...fields.fpga, [name]: value } })}
              />
            ))}
          </div>
        ) : null}
      </Section>
    </div>
  );
}

interface AmountProps {
  readonly label: string;
  readonly value: number;
  readonly range: readonly [low: number, high: number, whole: boolean];
  readonly isDisabled: boolean;
  onChange(value: number): void;
}

function Amount({ label, value, range: [low, high, whole], isDisabled, onChange }: AmountProps): React.ReactNode {
  const { t } = useTranslation("precision");
  return (
    <NumberField
      label={label}
      value={value}
      isDisabled={isDisabled}
      format={String}
      parse={(text) => {
        const number = Number(text);
        const fits = text.trim() !== "" && number >= low && number <= high && (!whole || Number.isInteger(number));
        return fits ? { value: number } : { error: t("fields.range", { low, high }) };
      }}
      onChange={onChange}
    />
  );
}
