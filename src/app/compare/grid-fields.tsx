/** The axes of a grid: methods, bits, units, seeds. */

import { METHOD_CATALOG, METHOD_NAMES } from "../../quantize/methods/catalog";
import { UNIT_KINDS } from "../../session/recipe/recipe";
import { SeedsField } from "../ui/seeds-field";
import type { GridChoice } from "./grid";

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
    <fieldset className="axis" disabled={disabled}>
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
  return (
    <div className="axes">
      <Axis
        legend="Methods"
        values={METHOD_NAMES}
        chosen={choice.methods}
        disabled={disabled}
        text={(name) => METHOD_CATALOG[name].title}
        onChange={(methods) => onChange({ ...choice, methods })}
      />
      <Axis
        legend="Weight bits"
        values={[2, 3, 4, 6, 8]}
        chosen={choice.weights}
        disabled={disabled}
        text={String}
        onChange={(weights) => onChange({ ...choice, weights })}
      />
      <Axis
        legend="Activation bits"
        values={[32, 8, 4, 2]}
        chosen={choice.activations}
        disabled={disabled}
        text={String}
        onChange={(activations) => onChange({ ...choice, activations })}
      />
      <Axis
        legend="Units"
        values={UNIT_KINDS}
        chosen={choice.units}
        disabled={disabled}
        text={(unit) => unit}
        onChange={(units) => onChange({ ...choice, units })}
      />
      <SeedsField seeds={choice.seeds} disabled={disabled} onChange={(seeds) => onChange({ ...choice, seeds })} />
    </div>
  );
}
