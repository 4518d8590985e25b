/** The recipe as a form. */
import { BUILTIN_MODELS, type BuiltinModel, type ImagesRecipe, type Recipe } from "../../session/recipe/recipe";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Choice, inRange, TextField } from "../ui/fields";
import { ActivationFields } from "./activation-fields";
import { FileField } from "./file-field";
import { PreprocessingFields } from "./preprocessing-fields";
import { PreviewStrip } from "./preview-strip";
import { QuantizationFields } from "./quantization-fields";
import { TrainingFields } from "./training-fields";

function imagesText(images: ImagesRecipe | null, chosen: string | null): string {
  if (!images) return "None: the calibration images judge the result";
  if (images.kind === "builtin") return `Built-in shapes, ${images.count} ${images.split} images`;
  return chosen ?? `needs ${images.name}${images.sha256 ? ` (sha256 ${images.sha256.slice(0, 8)}…)` : ""}`;
}

const MODEL_TITLES: Readonly<Record<BuiltinModel, string>> = {
  "shapes-resnet14": "Built-in ResNet-14 on shapes",
  "shapes-mobilenet": "Built-in inverted residuals (MobileNetV2-like)",
  "shapes-mobilenet-bn": "Built-in inverted residuals with batch norm, for DFQ",
  "shapes-regnet": "Built-in grouped bottlenecks (RegNetX-like)",
};

function modelText({ model }: Recipe, chosen: string | null): string {
  if (model.kind === "builtin") return MODEL_TITLES[model.name];
  return chosen ?? `needs ${model.name}${model.sha256 ? ` (sha256 ${model.sha256.slice(0, 8)}…)` : ""}`;
}

export function SetupPanel(): React.ReactNode {
  const recipe = useLab((lab) => lab.recipe);
  const files = useLab((lab) => lab.files);
  const change = useLab((lab) => lab.change);
  const takeDemo = useLab((lab) => lab.takeDemo);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const number = (value: number) => String(value);
  return (
    <form className="setup" onSubmit={(event) => event.preventDefault()}>
      <fieldset disabled={busy}>
        <legend>Network and images</legend>
        <FileField
          files="model"
          label="Network"
          hint="ONNX file, or TensorFlow.js model.json with its weight files: drop or choose them together; to load packed weights again, these beside their network"
          current={modelText(recipe, files.model)}
          disabled={busy}
        />
        <FileField
          files="calibration"
          label="Calibration images"
          hint="Folder of images, zip, .tar.gz, .npz, .npy, IDX or CIFAR .bin; no labels needed"
          current={imagesText(recipe.calibration, files.calibration)}
          disabled={busy}
        />
        <FileField
          files="evaluation"
          label="Test images"
          hint="With labels: a folder for each class, .npz, IDX images and labels, or CIFAR .bin; for segmentation images/ and labels/. Without labels, agreement with full precision is measured"
          current={imagesText(recipe.evaluation, files.evaluation)}
          disabled={busy}
        />
        <Choice
          className="field-wide"
          label="Demo"
          help="Networks that come with the lab, trained on the built-in shapes"
          value={recipe.model.kind === "builtin" ? recipe.model.name : ""}
          options={[
            ...(recipe.model.kind === "file" ? [["", "choose a built-in network"] as const] : []),
            ...BUILTIN_MODELS.map((name) => [name, MODEL_TITLES[name]] as const),
          ]}
          onChange={(name) => {
            if (name) takeDemo(name);
          }}
        />
        <button type="button" className="quiet" onClick={() => takeDemo()}>
          Take the demo
        </button>
      </fieldset>
      {recipe.model.kind === "file" || recipe.calibration.kind === "files" ? <PreprocessingFields /> : null}
      <PreviewStrip />
      <fieldset disabled={busy}>
        <legend>Quantization</legend>
        <QuantizationFields />
        <ActivationFields />
        <TrainingFields />
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
        <Choice
          label="Diagnosis"
          help="Accuracy with each unit alone quantized and with all but each: two more evaluations for every unit"
          value={recipe.diagnose ? "units" : "brief"}
          options={[
            ["brief", "noise of each unit"],
            ["units", "noise and accuracy of each unit"],
          ]}
          onChange={(kind) => change({ diagnose: kind === "units" })}
        />
      </fieldset>
    </form>
  );
}
