/**
 * A guess at how a network's pictures are preprocessed, from what is known of it before any image is read: where it came from
 * and what it looks like. It is offered, never taken: the lab checks a preprocessing on the images themselves in a run
 * (session/run/preprocessing-check), and says where another fits better.
 */
import type { PreprocessingPreset } from "../../data/preprocessing-presets";
import type { NetworkView } from "../../session/network/view";
import type { ModelRecipe } from "../../session/recipe/recipe";

export type GuessReason = "timm" | "keras" | "tfjs" | "imagenet" | "yolox";

export interface Guess {
  readonly preset: PreprocessingPreset;
  readonly reason: GuessReason;
}

/** Side from which on a network of 1,000 classes is taken for one of ImageNet. */
const IMAGENET = { classes: [1000, 1001], side: 160 };

/** The convention that the network probably follows; null where nothing tells. */
export function guessPreprocessing(model: ModelRecipe, network: Pick<NetworkView, "input" | "classes">): Guess | null {
  if (model.kind !== "file") return null;
  const told = `${model.from ?? ""} ${model.name}`.toLowerCase();
  if (/yolox/.test(told)) return { preset: "yolox", reason: "yolox" };
  if (/hub:timm\//.test(told)) return { preset: "timm", reason: "timm" };
  const [height = 0] = network.input;
  const isImageNet = IMAGENET.classes.includes(network.classes) && height >= IMAGENET.side;
  if (/\.json$/.test(model.name)) return isImageNet ? { preset: "keras-tf", reason: "keras" } : { preset: "tfjs", reason: "tfjs" };
  return isImageNet ? { preset: "torchvision", reason: "imagenet" } : null;
}
