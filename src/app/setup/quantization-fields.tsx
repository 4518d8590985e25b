/** What is quantized, and by which method. */
import { METHOD_NAMES, METHODS, type MethodName } from "../../quantize/methods";
import { useLab } from "../state/react";
import { Choice } from "../ui/fields";

const WIDTHS = [2, 3, 4, 5, 6, 7, 8];

export function QuantizationFields(): React.ReactNode {
  const recipe = useLab((lab) => lab.recipe);
  const change = useLab((lab) => lab.change);
  const take = useLab((lab) => lab.take);
  const { weights, method } = recipe;
  const { works } = METHODS[method];
  return (
    <>
      <Choice
        label="Method"
        help={METHODS[method].paper}
        value={method}
        options={METHOD_NAMES.map((name) => [name, METHODS[name].title] as const)}
        onChange={(name: MethodName) => change({ method: name })}
      />
      <Choice
        label="Weights"
        help="Bits of every layer but the first and the last"
        value={String(weights.bits)}
        options={WIDTHS.map((bits) => [String(bits), `${bits} bit`] as const)}
        onChange={(bits) => change({ weights: { ...weights, bits: Number(bits) } })}
      />
      {weights.assignment ? (
        <p className="faint" data-testid="own-bits">
          {Object.keys(weights.assignment).length} layers have bits of their own.{" "}
          <button type="button" className="quiet" onClick={() => take(null)}>
            Back to {weights.bits} bit for all
          </button>
        </p>
      ) : null}
      <Choice
        label="Ends"
        help="The first and the last layer are few weights that matter much"
        value={weights.ends ? "8" : "same"}
        options={[
          ["8", "first and last layer at 8 bit"],
          ["same", "first and last layer as the others"],
        ]}
        onChange={(ends) => change({ weights: { ...weights, ends: ends === "8" } })}
      />
      <Choice
        label="Scales"
        help="Where each grid's ends lie: by the error of rounding, at the extremes, at a share of them, or past all but 0.1 % at either end"
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
        label="Grids"
        help="One scale and zero point for each output channel or for the whole kernel; symmetric grids reach equally far to both sides of zero"
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
          works === "unit"
            ? "What is reconstructed at once"
            : `${METHODS[method].title} works on ${works === "layer" ? "single layers" : "the whole network without training"}`
        }
        value={works === "unit" ? recipe.unit : "layer"}
        disabled={works !== "unit"}
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
        value={works === "unit" ? recipe.loss : "mse"}
        disabled={works !== "unit"}
        options={[
          ["mse", "mean squared error"],
          ["fisher_diag", "Fisher diagonal (paper)"],
          ["fisher_diag_damped", "Fisher diagonal, damped (release)"],
          ["fisher_full", "Fisher, all pairs (release)"],
        ]}
        onChange={(loss) => change({ loss })}
      />
      <Choice
        label="Inputs"
        help="What a unit's input comes from while it is reconstructed"
        value={recipe.asym ? "quantized" : "full"}
        disabled={works === "none" || method === "qdrop"}
        options={[
          ["quantized", "network quantized so far"],
          ["full", "full precision"],
        ]}
        onChange={(inputs) => change({ asym: inputs === "quantized" })}
      />
    </>
  );
}
