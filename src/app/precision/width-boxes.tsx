/** Boxes for the widths that a search may choose from. */

interface WidthBoxesProps {
  readonly title: string;
  readonly chosen: readonly number[];
  readonly disabled: boolean;
  onChange(widths: readonly number[]): void;
}

export function WidthBoxes({ title, chosen, disabled, onChange }: WidthBoxesProps): React.ReactNode {
  return (
    <fieldset className="axis" disabled={disabled}>
      <legend>{title}</legend>
      {[2, 3, 4, 5, 6, 7, 8].map((width) => (
        <label key={width}>
          <input
            type="checkbox"
            checked={chosen.includes(width)}
            onChange={(event) => onChange(event.target.checked ? [...chosen, width].sort() : chosen.filter((one) => one !== width))}
          />
          {width}
        </label>
      ))}
    </fieldset>
  );
}
