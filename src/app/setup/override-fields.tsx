/** Layers whose width a person has said, by name or pattern: a list to change, to add to and to take from. */
import { useState } from "react";
import { useLab } from "../state/react";
import { bitsFrom, OVERRIDE_WIDTHS, withOverride, withOverrides } from "./overrides";

interface WidthProps {
  readonly label: string;
  readonly value: string;
  onChange(width: string): void;
}

function Width({ label, value, onChange }: WidthProps): React.ReactNode {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      {OVERRIDE_WIDTHS.map(([width, text]) => (
        <option key={width} value={width}>
          {text}
        </option>
      ))}
    </select>
  );
}

export function OverrideFields(): React.ReactNode {
  const weights = useLab((lab) => lab.recipe.weights);
  const change = useLab((lab) => lab.change);
  const [pattern, setPattern] = useState("");
  const [width, setWidth] = useState("float");
  const overrides = weights.overrides ?? [];
  const layers = pattern.trim();
  const add = () => {
    if (layers === "") return;
    change({ weights: withOverride(weights, layers, bitsFrom(width)) });
    setPattern("");
  };
  return (
    <details className="overrides" open={overrides.length > 0 || undefined}>
      <summary title="The last that fits a layer counts. A layer in float is neither rounded nor trained; what only it reads stays in float too">
        Widths of single layers{overrides.length > 0 ? ` (${overrides.length})` : ""}
      </summary>
      <ul data-testid="overrides">
        {overrides.map(({ layers: name, bits }) => (
          <li key={name}>
            <code>{name}</code>
            <Width
              label={`Width of ${name}`}
              value={String(bits)}
              onChange={(own) =>
                change({
                  weights: withOverrides(
                    weights,
                    overrides.map((one) => (one.layers === name ? { ...one, bits: bitsFrom(own) } : one)),
                  ),
                })
              }
            />
            <button type="button" className="quiet" onClick={() => change({ weights: withOverride(weights, name, null) })}>
              Remove
            </button>
          </li>
        ))}
        <li>
          <input
            aria-label="Layers"
            placeholder="name or pattern, as in layer1.*"
            value={pattern}
            onChange={(event) => setPattern(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") add();
            }}
          />
          <Width label="Their width" value={width} onChange={setWidth} />
          <button type="button" className="quiet" disabled={layers === ""} onClick={add}>
            Add
          </button>
        </li>
      </ul>
    </details>
  );
}
