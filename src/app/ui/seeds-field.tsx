/** How many seeds an experiment averages over. */

const MOST = 10;

interface SeedsFieldProps {
  readonly seeds: number;
  readonly disabled: boolean;
  onChange(seeds: number): void;
}

export function SeedsField({ seeds, disabled, onChange }: SeedsFieldProps): React.ReactNode {
  return (
    <label>
      Seeds{" "}
      <input
        type="number"
        min={1}
        max={MOST}
        value={seeds}
        disabled={disabled}
        onChange={(event) => onChange(Math.min(MOST, Math.max(1, Math.floor(Number(event.target.value)) || 1)))}
      />
    </label>
  );
}
