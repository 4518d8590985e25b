/** Whether and how activations are quantized. */

import { activationDefaults } from "../../session/recipe/defaults";
import type { Recipe } from "../../session/recipe/recipe";
import { useLab } from "../state/react";
import { Choice, inRange, TextField } from "../ui/fields";

const DEFAULTS = activationDefaults();

export function ActivationFields(): React.ReactNode {
  const { activations } = useLab((lab) => lab.recipe);
  const change = useLab((lab) => lab.change);
  const set = (part: Partial<NonNullable<Recipe["activations"]>>) => change({ activations: { ...DEFAULTS, ...activations, ...part } });
  return (
    <>
      <Choice
        label="Activations"
        help="Bit width of the values between layers; the first layer's output and the last layer's input stay at 8 bit"
        value={activations ? String(activations.bits) : "32"}
        options={[["32", "full precision"], ...[8, 7, 6, 5, 4, 3, 2].map((bits) => [String(bits), `${bits} bit`] as const)]}
        onChange={(bits) => (bits === "32" ? change({ activations: null }) : set({ bits: Number(bits) }))}
      />
      {activations ? (
        <>
          <Choice
            label="Activation scale search"
            help="On the first 64 calibration images; LSQ then trains the scales unit by unit"
            value={`${activations.scale}${activations.learn ? "-learn" : ""}`}
            options={[
              ["mse-learn", "least error, then trained (LSQ)"],
              ["mse", "least error"],
              ["max-learn", "full range, then trained (LSQ)"],
              ["max", "full range"],
              ["percentile-learn", "99.9 % percentiles, then trained (LSQ)"],
              ["percentile", "99.9 % percentiles"],
            ]}
            onChange={(choice) => set({ scale: choice.replace("-learn", "") as "mse", learn: choice.endsWith("-learn") })}
          />
          {activations.learn ? (
            <>
              <TextField
                label="Scale iterations"
                help="Of LSQ, for each unit"
                value={activations.iterations}
                format={String}
                parse={inRange(1, 100000, true)}
                onChange={(iterations) => set({ iterations })}
              />
              <TextField
                label="Rate of scales"
                help="Learning rate of Adam on the activation scales; lower it where a scale leaves the positive numbers"
                value={activations.learningRate}
                format={String}
                parse={inRange(1e-8, 1, false)}
                onChange={(learningRate) => set({ learningRate })}
              />
            </>
          ) : null}
          <Choice
            label="Last layer's input"
            help="The published release leaves it at the common bit width in residual networks"
            value={activations.lastInputBits === null ? "common" : "8"}
            options={[
              ["8", "8 bit"],
              ["common", "common bit width, as the release has it"],
            ]}
            onChange={(bits) => set({ lastInputBits: bits === "8" ? 8 : null })}
          />
        </>
      ) : null}
    </>
  );
}
