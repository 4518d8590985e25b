/** A slider with its value as text. */
import { Slider as AriaSlider, Label, SliderOutput, SliderThumb, SliderTrack } from "react-aria-components";
import styles from "./slider.module.css";

export interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly isDisabled?: boolean;
  /** What stands at the right of the label. */
  readonly output?: React.ReactNode;
  /** Names of some values, below the track. */
  readonly ticks?: readonly (readonly [value: number, text: string])[];
  onChange(value: number): void;
}

export function Slider({ label, value, min, max, step = 1, isDisabled = false, output, ticks, onChange }: SliderProps): React.ReactNode {
  return (
    <AriaSlider
      className={styles.slider as string}
      value={value}
      minValue={min}
      maxValue={max}
      step={step}
      isDisabled={isDisabled}
      onChange={(next) => onChange(next as number)}
    >
      <div className={styles.head}>
        <Label className={styles.label as string}>{label}</Label>
        <SliderOutput className={styles.output as string}>{output ?? value}</SliderOutput>
      </div>
      <SliderTrack className={styles.track as string}>
        {({ state }) => (
          <>
            <div className={styles.rail} />
            <div className={styles.fill} style={{ width: `${state.getThumbPercent(0) * 100}%` }} />
            <SliderThumb className={styles.thumb as string} />
          </>
        )}
      </SliderTrack>
      {ticks ? (
        <div className={styles.ticks} aria-hidden>
          {ticks.map(([at, text]) => (
            <span key={at} style={{ left: `${((at - min) / (max - min)) * 100}%` }}>
              {text}
            </span>
          ))}
        </div>
      ) : null}
    </AriaSlider>
  );
}
