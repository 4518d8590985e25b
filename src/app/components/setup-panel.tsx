/** The recipe as a form. */
import { matchingRate, PRESETS, type PresetName } from "../../quantize/training/schedule";
import type { ImagesRecipe, Recipe } from "../../session/recipe";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Choice, inRange, TextField } from "./fields";
import { FileField } from "./file-field";
import { PreprocessingFields } from "./preprocessing-fields";

function imagesText(images: ImagesRecipe | null, chosen: string | null): string {
  if (!images) return "none";
  if (images.kind === "builtin") return `Built-in shapes, ${images.count} ${images.split} images`;
  return chosen ?? `needs ${images.name}${images.sha256 ? ` (sha256 ${images.sha256.slice(0, 8)}…)` : ""}`;
}

function modelText({ model }: Recipe, chosen: string | null): string {
  if (model.kind === "builtin") return "Built-in ResNet-14 on shapes";
  return chosen ?? `needs ${model.name}${model.sha256 ? ` (sha256 ${model.sha256.slice(0, 8)}…)` : ""}`;
}

function presetOf({ iterations, learningRate }: Recipe): PresetName | "custom" {
  const names = Object.keys(PRESETS) as PresetName[];
  return names.find((name) => PRESETS[name].iterations === iterations && PRESETS[name].learningRate === learningRate) ?? "custom";
}

export function SetupPanel(): React.ReactNode {
  const recipe = useLab((lab) => lab.recipe);
  const files = useLab((lab) => lab.files);
  const change = useLab((lab) => lab.change);
  const takeDemo = useLab((lab) => lab.takeDemo);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const matching = matchingRate(recipe.iterations);
  const number = (value: number) => String(value);
  return (
    <form className="setup" onSubmit={(event) => event.preventDefault()}>
      <fieldset disabled={busy}>
        <legend>Network and images</legend>
        <FileField
          files="model"
          label="Network"
          hint="Drop an ONNX file or click to choose"
          current={modelText(recipe, files.model)}
          disabled={busy}
        />
        <FileField
          files="calibration"
          label="Calibration images"
          hint="Folder, zip, .npz, .npy or CIFAR-10 .bin; no labels needed"
          current={imagesText(recipe.calibration, files.calibration)}
          disabled={busy}
        />
        <FileField
          files="evaluation"
          label="Test images"
          hint="With labels: a folder for each class, .npz or CIFAR-10 .bin"
          current={imagesText(recipe.evaluation, files.evaluation)}
          disabled={busy}
        />
        <button type="button" className="quiet" onClick={takeDemo}>
          Take the demo
        </button>
      </fieldset>
      {recipe.model.kind === "file" || recipe.calibration.kind === "files" ? <PreprocessingFields /> : null}
      <fieldset disabled={busy}>
        <legend>Quantization</legend>
        <Choice
          label="Weights"
          help="Bits of every layer but the first and the last, which stay at 8"
          value={String(recipe.weights.bits)}
          options={[2, 3, 4, 5, 6, 7, 8].map((bits) => [String(bits), `${bits} bit`] as const)}
          onChange={(bits) => change({ weights: { ...recipe.weights, bits: Number(bits) } })}
        />
        <Choice
          label="Scales"
          help="Where each grid's ends lie: by the error of rounding, at the extremes, at a share of them, or past all but 0.1 % at either end"
          value={recipe.weights.scale}
          options={[
            ["mse", "least rounding error"],
            ["max", "full range"],
            ["max_scale", "share of the range by bits"],
            ["percentile", "99.9 % percentiles"],
          ]}
          onChange={(scale) => change({ weights: { ...recipe.weights, scale } })}
        />
        <Choice
          label="Grids"
          help="One scale and zero point for each output channel or for the whole kernel; symmetric grids reach equally far to both sides of zero"
          value={`${recipe.weights.granularity}${recipe.weights.symmetric ? "-symmetric" : ""}`}
          options={[
            ["channel", "per channel"],
            ["tensor", "per tensor"],
            ["channel-symmetric", "per channel, symmetric"],
            ["tensor-symmetric", "per tensor, symmetric"],
          ]}
          onChange={(grids) =>
            change({
              weights: { ...recipe.weights, granularity: grids.startsWith("channel") ? "channel" : "tensor", symmetric: grids.endsWith("symmetric") },
            })
          }
        />
        <Choice
          label="Unit"
          help="What is reconstructed at once"
          value={recipe.unit}
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
          value={recipe.loss}
          options={[
            ["mse", "mean squared error"],
            ["fisher_diag", "Fisher diagonal (paper)"],
            ["fisher_diag_damped", "Fisher diagonal, damped (release)"],
            ["fisher_full", "Fisher, all pairs (release)"],
          ]}
          onChange={(loss) => change({ loss })}
        />
        <Choice
          label="Effort"
          value={presetOf(recipe)}
          options={[
            ["quick", "quick: 100 x 0.2"],
            ["balanced", "balanced: 500 x 0.04"],
            ["thorough", "thorough: 2,000 x 0.01"],
            ["published", "published: 20,000 x 0.001"],
            ["custom", "custom"],
          ]}
          onChange={(name) => {
            if (name !== "custom") change(PRESETS[name]);
          }}
        />
        <TextField
          label="Iterations"
          help="For each unit"
          value={recipe.iterations}
          format={number}
          parse={inRange(1, 100000, true)}
          onChange={(iterations) => change({ iterations })}
        />
        <TextField
          label="Learning rate"
          help="Of Adam on the rounding variables"
          value={recipe.learningRate}
          format={number}
          parse={inRange(1e-6, 10, false)}
          onChange={(learningRate) => change({ learningRate })}
        />
        {matching !== recipe.learningRate ? (
          <button type="button" className="quiet" onClick={() => change({ learningRate: matching })}>
            Use {matching}: it lets every rounding settle in {recipe.iterations} iterations
          </button>
        ) : null}
        <TextField label="Seed" value={recipe.seed} format={number} parse={inRange(0, 4294967295, true)} onChange={(seed) => change({ seed })} />
        <Choice
          label="Device"
          value={recipe.device}
          options={[
            ["auto", "automatic"],
            ["wasm", "WebAssembly (reproducible bits)"],
            ["webgpu", "WebGPU"],
          ]}
          onChange={(device) => change({ device })}
        />
        <Choice
          label="Caches"
          help="How the inputs and targets of units are kept between iterations"
          value={recipe.cache}
          options={[
            ["f32", "single precision"],
            ["f16", "half precision, half the memory"],
          ]}
          onChange={(cache) => change({ cache })}
        />
        <TextField
          label="Memory, MiB"
          help="Budget of device memory; caches beyond it are kept on the host and streamed. Empty for the device's own default. Never changes the result"
          value={recipe.memory}
          format={(memory) => (memory === null ? "" : String(memory))}
          parse={(text) => (text.trim() === "" ? { value: null } : inRange(1, 1048576, true)(text))}
          onChange={(memory) => change({ memory })}
        />
      </fieldset>
    </form>
  );
}
