/** What a search for mixed precision is asked. */
import { FPGA_DEFAULTS, FPGA_RANGES } from "../../search/allocation/costs/fpga";
import type { CostName } from "../../session/search/limit";
import { inRange, TextField } from "../ui/fields";
import { COSTS, type SearchFields as Fields } from "./search";
import { WidthBoxes } from "./width-boxes";

interface SearchFieldsProps {
  readonly fields: Fields;
  readonly disabled: boolean;
  onChange(change: Partial<Fields>): void;
}

export function SearchFields({ fields, disabled, onChange }: SearchFieldsProps): React.ReactNode {
  const { cost, amounts, bits, activationBits, measure, against } = fields;
  const costs = [cost, against];
  return (
    <>
      <div className="axes">
        <CostChoice label="Limit on" choices={COSTS} value={cost} disabled={disabled} onChange={(value) => onChange({ cost: value })} />
        <label title="A number in the cost's unit, or what uniform bits cost: 3bit, 2bit+10%. Several with commas between them">
          of at most <input value={amounts} size={14} disabled={disabled} onChange={(event) => onChange({ amounts: event.target.value })} />
        </label>
        <label>
          Sensitivity{" "}
          <select value={measure} disabled={disabled} onChange={(event) => onChange({ measure: event.target.value as Fields["measure"] })}>
            <option value="nearest">of layers rounded to nearest (quick)</option>
            <option value="reconstructed">of layers reconstructed at each width (predicts better)</option>
          </select>
        </label>
        <CostChoice
          label="Set size against"
          choices={COSTS.filter(([name]) => name !== "size")}
          value={against}
          disabled={disabled}
          onChange={(value) => onChange({ against: value })}
        />
        {costs.includes("table") ? <TableField disabled={disabled} onChange={(table) => onChange({ table })} /> : null}
      </div>
      <div className="axes">
        <WidthBoxes title="Bit widths of weights" chosen={bits} disabled={disabled} onChange={(widths) => onChange({ bits: widths })} />
        <WidthBoxes
          title="Bit widths of activations (none: as set on the left)"
          chosen={activationBits}
          disabled={disabled}
          onChange={(widths) => onChange({ activationBits: widths })}
        />
      </div>
      {activationBits.length > 0 && cost === "size" ? (
        <p className="faint">
          A model's size does not depend on its activations: under this limit they get their widest. Limit bit operations or latency.
        </p>
      ) : null}
      {costs.includes("latency:fpga") ? (
        <Numbers
          title="The modelled accelerator"
          names={FPGA_NAMES}
          values={{ ...FPGA_DEFAULTS, ...fields.fpga }}
          disabled={disabled}
          onChange={(fpga) => onChange({ fpga })}
        />
      ) : null}
      <Numbers
        title="The genetic search"
        names={GENETIC_NAMES}
        values={{ ...fields.genetic }}
        disabled={disabled}
        onChange={(genetic) => onChange({ genetic })}
      />
    </>
  );
}

const FPGA_NAMES = {
  rows: ["rows", ...FPGA_RANGES.rows],
  columns: ["columns", ...FPGA_RANGES.columns],
  buffer: ["KiB for weights", ...FPGA_RANGES.buffer],
  bandwidth: ["bytes a cycle", ...FPGA_RANGES.bandwidth],
  megahertz: ["MHz", ...FPGA_RANGES.megahertz],
} as const;

const GENETIC_NAMES = {
  population: ["population", 4, 500, true],
  generations: ["generations", 1, 1000, true],
  mutation: ["probability of mutation", 0, 1, false],
} as const;

interface CostChoiceProps {
  readonly label: string;
  readonly choices: typeof COSTS;
  readonly value: CostName;
  readonly disabled: boolean;
  onChange(value: CostName): void;
}

function CostChoice({ label, choices, value, disabled, onChange }: CostChoiceProps): React.ReactNode {
  return (
    <label>
      {label}{" "}
      <select value={value} disabled={disabled} onChange={(event) => onChange(event.target.value as CostName)}>
        {choices.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function TableField({ disabled, onChange }: { readonly disabled: boolean; onChange(table: Fields["table"]): void }): React.ReactNode {
  return (
    <label>
      Costs, CSV or JSON{" "}
      <input
        type="file"
        accept=".csv,.json"
        disabled={disabled}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) void file.text().then((text) => onChange({ name: file.name, text }));
        }}
      />
    </label>
  );
}

interface NumbersProps<K extends string> {
  readonly title: string;
  readonly names: Readonly<Record<K, readonly [label: string, low: number, high: number, whole: boolean]>>;
  readonly values: Readonly<Record<K, number>>;
  readonly disabled: boolean;
  onChange(values: Record<K, number>): void;
}

/** Numbers that few people change, folded away. */
function Numbers<K extends string>({ title, names, values, disabled, onChange }: NumbersProps<K>): React.ReactNode {
  return (
    <details>
      <summary>{title}</summary>
      <div className="axes">
        {(Object.keys(names) as K[]).map((name) => {
          const [label, low, high, whole] = names[name];
          return (
            <TextField
              key={name}
              label={label}
              value={values[name]}
              disabled={disabled}
              format={String}
              parse={inRange(low, high, whole)}
              onChange={(value) => onChange({ ...values, [name]: value })}
            />
          );
        })}
      </div>
    </details>
  );
}
