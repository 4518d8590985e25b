/** How long and how fast units are trained. */

import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { PresetName } from "../../session/recipe/presets";
import { DEPTHWISE_REGULARIZER, matchingRate, PRESET_NAMES, presetFields } from "../../session/recipe/presets";
import type { Recipe } from "../../session/recipe/recipe";
import { useLab } from "../state/react";
import { Choice, inRange, TextField } from "../ui/fields";

function presetOf(recipe: Recipe): PresetName | "custom" {
  const own = (fields: object) => JSON.stringify({ ...recipe, ...fields });
  return PRESET_NAMES.find((name) => own(presetFields(name, recipe.activations)) === own({})) ?? "custom";
}

export function TrainingFields(): React.ReactNode {
  const recipe = useLab((lab) => lab.recipe);
  const change = useLab((lab) => lab.change);
  const depthwise = useLab((lab) => lab.view.network?.units.some(({ layers }) => layers.some(({ kind }) => kind.startsWith("depthwise"))));
  if (!METHOD_CATALOG[recipe.method].trains) return null;
  const matching = matchingRate(recipe.iterations);
  return (
    <>
      <Choice
        label="Preset"
        value={presetOf(recipe)}
        options={[
          ["quick", "quick: 150 x 0.3"],
          ["standard", "standard: 250 x 0.2"],
          ["balanced", "balanced: 500 x 0.04"],
          ["thorough", "thorough: 2,000 x 0.01"],
          ["published", "published: 20,000 x 0.001"],
          ["custom", "custom"],
        ]}
        onChange={(name) => {
          if (name !== "custom") change(presetFields(name, recipe.activations));
        }}
      />
      <TextField
        label="Iterations"
        help="For each unit"
        value={recipe.iterations}
        format={String}
        parse={inRange(1, 100000, true)}
        onChange={(iterations) => change({ iterations })}
      />
      <TextField
        label="Learning rate"
        help="Of Adam on the rounding variables"
        value={recipe.learningRate}
        format={String}
        parse={inRange(1e-6, 10, false)}
        onChange={(learningRate) => change({ learningRate })}
      />
      {matching !== recipe.learningRate && presetOf(recipe) === "custom" ? (
        <button type="button" className="quiet" onClick={() => change({ learningRate: matching })}>
          Use {matching}: it lets every rounding settle in {recipe.iterations} iterations
        </button>
      ) : null}
      <TextField
        label="Regularizer"
        help="How strongly roundings are pressed to up or down"
        value={recipe.regularizer}
        format={String}
        parse={inRange(0, 100, false)}
        onChange={(regularizer) => change({ regularizer })}
      />
      {depthwise && recipe.regularizer === 0.01 ? (
        <button type="button" className="quiet" onClick={() => change({ regularizer: DEPTHWISE_REGULARIZER })}>
          Use {DEPTHWISE_REGULARIZER}, as published for MobileNetV2: this network has depthwise layers
        </button>
      ) : null}
      <Choice
        label="Learning-rate schedule"
        help="Whether the learning rate falls while a unit is trained"
        value={recipe.annealing.decay}
        options={[
          ["none", "constant"],
          ["linear", "falls along a line"],
          ["cosine", "falls along a cosine"],
        ]}
        onChange={(decay) => change({ annealing: { ...recipe.annealing, decay } })}
      />
      <TextField
        label="Batch size"
        help="Calibration images an iteration; there must be at least as many"
        value={recipe.batch}
        format={String}
        parse={inRange(1, 1024, true)}
        onChange={(batch) => change({ batch })}
      />
      <Choice
        label="Batches"
        help="How the calibration images are dealt out to iterations"
        value={recipe.annealing.batches}
        options={[
          ["drawn", "each drawn anew"],
          ["shuffled", "every image once, then again"],
        ]}
        onChange={(batches) => change({ annealing: { ...recipe.annealing, batches } })}
      />
    </>
  );
}
