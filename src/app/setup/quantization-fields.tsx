/** What is quantized, and by which method. */

import type { MethodName } from "../../quantize/methods/catalog";
import { METHOD_CATALOG, METHOD_NAMES } from "../../quantize/methods/catalog";
import { useLab } from "../state/react";
import { Choice } from "../ui/fields";
import { OverrideFields } from "./override-fields";

const WIDTHS = [2, 3, 4, 5, 6, 7, 8];

export function QuantizationFields(): React.ReactNode {
  const recipe = useLab((lab) => lab.recipe);
  const change = useLab((lab) => lab.change);
  const take = useLab((lab) => lab.take);
  const { weights, method } = recipe;
  const { optimizes, fixedInputs } = METHOD_CATALOG[method];
  return (
    <>
      <Choice
        label="Method"
        help={METHOD_CATALOG[method].paper}
        value={method}
        options={METHOD_NAMES.map((name) => [name, METHOD_CATALOG[name].title] as const)}
        onChange={(name: MethodName) => change({ method: name })}
      />
      <Choice
        label="Weights"
        help="Bit width of every layer but the first and the last"
        value={String(weights.bits)}
        options={WIDTHS.map((bits) => [String(bits), `${bits} bit`] as const)}
        onChange={(bits) => change({ weights: { ...weights, bits: Number(bits) } })}
      />
      {weights.assignment ? (
        <p className="faint" data-testid="own-bits">
          {Object.keys(weights.assignment).length} layers have bit widths of their own.{" "}
          <button type="button" className="quiet" onClick={() => take(null)}>
            Back to {weights.bits} bit for all
          </button>
        </p>
      ) : null}
      <Choice
        label="First and last layer"
        help="They hold few weights, and rounding them costs much accuracy"
        value={weights.firstLastBits === null ? "common" : "8"}
        options={[
          ["8", "8 bit"],
          ["common", "same bit width as the others"],
        ]}
        onChange={(bits) => change({ weights: { ...weights, firstLastBits: bits === "8" ? 8 : null } })}
      />
      <OverrideFields />
      <Choice
        label="Scale search"
        help="The range that the quantization levels cover: the one of least rounding error, from minimum to maximum, a share of that, or without 0.1 % of the weights at either end"
        value={weights.scale}
        options={[
          ["mse", "least rounding error"],
          ["max", "full range"],
          ["max_scale", "share of the range by bits"],
          ["percentile", "99.9 % percentiles"],
        ]}
        onChange={(scale) => change({ weights: { ...weights, scale } })}
      />
      <Choice
        label="Granularity and symmetry"
        help="One scale and zero point for each output channel or for the whole kernel; a symmetric range reaches equally far to both sides of zero"
        value={`${weights.granularity}${weights.symmetric ? "-symmetric" : ""}`}
        options={[
          ["channel", "per channel"],
          ["tensor", "per tensor"],
          ["channel-symmetric", "per channel, symmetric"],
          ["tensor-symmetric", "per tensor, symmetric"],
        ]}
        onChange={(grids) =>
          change({ weights: { ...weights, granularity: grids.startsWith("channel") ? "channel" : "tensor", symmetric: grids.endsWith("symmetric") } })
        }
      />
      <Choice
        label="Unit"
        help={
          optimizes === "unit"
            ? "What is reconstructed at once"
            : `${METHOD_CATALOG[method].title} works on ${optimizes === "layer" ? "single layers" : "the whole network without training"}`
        }
        value={optimizes === "unit" ? recipe.unit : "layer"}
        disabled={optimizes !== "unit"}
        options={[
          ["layer", "layer"],
          ["block", "block"],
          ["stage", "stage"],
          ["net", "whole net"],
        ]}
        onChange={(unit) => change({ unit })}
      />
      <Choice
        label="Loss"
        help="How the error of a unit's output is weighed"
        value={optimizes === "unit" ? recipe.loss : "mse"}
        disabled={optimizes !== "unit"}
        options={[
          ["mse", "mean squared error"],
          ["fisher_diag", "Fisher diagonal (paper)"],
          ["fisher_diag_damped", "Fisher diagonal, damped (release)"],
          ["fisher_full", "Fisher, all pairs (release)"],
        ]}
        onChange={(loss) => change({ loss })}
      />
      <Choice
        label="Unit input"
        help="What a unit reads while it is reconstructed"
        value={recipe.inputs}
        disabled={fixedInputs}
        options={[
          ["quantized", "as quantized so far"],
          ["full", "full precision"],
        ]}
        onChange={(inputs) => change({ inputs })}
      />
    </>
  );
}
