/** Size, normalization and channel order of a person's own images. */
import { PREPROCESSING_NAMES, PREPROCESSING_PRESETS, presetOf, presetPreprocessing } from "../../data/preprocessing-presets";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Choice, TextField } from "../ui/fields";

/** Means and deviations alone, for those who set size and channel order themselves. */
const KNOWN = {
  unit: PREPROCESSING_PRESETS.tfjs,
  imagenet: PREPROCESSING_PRESETS.torchvision,
  centred: PREPROCESSING_PRESETS["tfjs-centred"],
  bytes: PREPROCESSING_PRESETS.pixels,
} as const;

type Known = keyof typeof KNOWN;

function parseNumbers(text: string): { value: number[] } | { error: string } {
  const values = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  const fine = values.length > 0 && values.length <= 3 && values.every(Number.isFinite);
  return fine ? { value: values } : { error: "Expected one number, or three numbers separated by commas." };
}

function parseSize(text: string): { value: readonly [number, number] | number | null } | { error: string } {
  if (text.trim() === "") return { value: null };
  const values = text
    .split(/[\s,x]+/)
    .filter(Boolean)
    .map(Number);
  if (!values.every((value) => Number.isInteger(value) && value > 0) || values.length > 2)
    return { error: "Expected for example 256 or 240x320, or an empty field." };
  return { value: values.length === 1 ? (values[0] as number) : [values[0] as number, values[1] as number] };
}

export function PreprocessingFields(): React.ReactNode {
  const preprocessing = useLab((lab) => lab.recipe.preprocessing);
  const change = useLab((lab) => lab.change);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const set = (part: Partial<typeof preprocessing>) => change({ preprocessing: { ...preprocessing, ...part } });
  const same = (known: Known) => KNOWN[known].mean.join() === preprocessing.mean.join() && KNOWN[known].std.join() === preprocessing.std.join();
  const current = (Object.keys(KNOWN) as Known[]).find(same) ?? "custom";
  const input = useLab((lab) => lab.view.network?.input ?? null);
  const preset = presetOf(preprocessing, input) ?? "";
  const sizeText = (size: number | readonly [number, number] | null) =>
    size === null ? "" : typeof size === "number" ? String(size) : size.join("x");
  return (
    <fieldset disabled={busy}>
      <legend>Preprocessing</legend>
      <Choice
        className="field-wide"
        label="Convention"
        help="How networks of a source are commonly preprocessed: sets all fields below, with sizes for this network"
        value={preset}
        options={[["", "none of these"] as const, ...PREPROCESSING_NAMES.map((name) => [name, PREPROCESSING_PRESETS[name].title] as const)]}
        onChange={(name) => {
          if (name) change({ preprocessing: presetPreprocessing(name, input) });
        }}
      />
      <TextField
        label="Resize"
        help="Shorter side, or height x width; empty leaves the size"
        value={preprocessing.resize}
        format={sizeText}
        parse={parseSize}
        onChange={(resize) => set({ resize })}
      />
      <TextField<readonly [number, number] | null>
        label="Crop"
        help="Centre crop after resizing"
        value={preprocessing.crop}
        format={sizeText}
        parse={(text): { value: readonly [number, number] | null } | { error: string } => {
          const result = parseSize(text);
          if ("error" in result) return result;
          return { value: typeof result.value === "number" ? [result.value, result.value] : result.value };
        }}
        onChange={(crop) => set({ crop })}
      />
      <Choice
        label="Normalization"
        value={current}
        options={[
          ["unit", "0..1"],
          ["imagenet", "ImageNet mean and std"],
          ["centred", "-1..1"],
          ["bytes", "0..255"],
          ["custom", "custom"],
        ]}
        onChange={(known) => {
          if (known !== "custom") set({ mean: KNOWN[known].mean, std: KNOWN[known].std });
        }}
      />
      <TextField
        label="Mean"
        help="By channel, of pixels in 0..1"
        value={preprocessing.mean}
        format={(values) => values.join(", ")}
        parse={parseNumbers}
        onChange={(mean) => set({ mean })}
      />
      <TextField
        label="Std"
        value={preprocessing.std}
        format={(values) => values.join(", ")}
        parse={(text) => {
          const result = parseNumbers(text);
          return "value" in result && result.value.some((value) => value <= 0) ? { error: "Expected positive numbers." } : result;
        }}
        onChange={(std) => set({ std })}
      />
      <Choice
        label="Channels"
        value={preprocessing.channelOrder}
        options={[
          ["rgb", "red, green, blue"],
          ["bgr", "blue, green, red"],
        ]}
        onChange={(channelOrder) => set({ channelOrder })}
      />
    </fieldset>
  );
}
