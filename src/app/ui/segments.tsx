/** One of a few, all of them in sight: a radio group that looks like one bar. */
import { useId } from "react";
import { Radio, RadioGroup } from "react-aria-components";
import { Field, type WayBack } from "./field";
import styles from "./segments.module.css";

export interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly help?: React.ReactNode;
  /** Null where none of them holds. */
  readonly value: T | null;
  readonly options: readonly (readonly [value: T, label: React.ReactNode, isDisabled?: boolean])[];
  readonly wayBack?: WayBack | null;
  readonly isDisabled?: boolean | undefined;
  onChange(value: T): void;
}

export function Segments<T extends string>(props: SegmentsProps<T>): React.ReactNode {
  const { label, help, wayBack, isDisabled } = props;
  const id = useId();
  return (
    <Field label={label} labelId={`${id}-label`} help={help} helpId={`${id}-help`} wayBack={wayBack} isDisabled={isDisabled}>
      <SegmentBar {...props} labelledBy={`${id}-label`} describedBy={help ? `${id}-help` : undefined} />
    </Field>
  );
}

type BarProps<T extends string> = Pick<SegmentsProps<T>, "value" | "options" | "isDisabled" | "onChange"> & {
  readonly labelledBy?: string;
  readonly describedBy?: string | undefined;
  readonly "aria-label"?: string;
};

/** The bar alone, where its name stands elsewhere. */
export function SegmentBar<T extends string>({
  value,
  options,
  isDisabled,
  onChange,
  labelledBy,
  describedBy,
  ...rest
}: BarProps<T>): React.ReactNode {
  return (
    <RadioGroup
      className={styles.bar as string}
      orientation="horizontal"
      value={value ?? ""}
      isDisabled={isDisabled ?? false}
      onChange={(next) => onChange(next as T)}
      {...(labelledBy ? { "aria-labelledby": labelledBy } : { "aria-label": rest["aria-label"] ?? "" })}
      {...(describedBy ? { "aria-describedby": describedBy } : {})}
    >
      {options.map(([option, text, off]) => (
        <Radio key={option} value={option} isDisabled={off ?? false} className={styles.segment as string}>
          {text}
        </Radio>
      ))}
    </RadioGroup>
  );
}
