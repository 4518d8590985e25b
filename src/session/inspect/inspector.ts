/**
 * Inspections in a worker: of the last finished run, whose networks and images are kept, or before a run of the recipe's own
 * network, rounded to nearest. What is rounded and read for a recipe is kept until another comes, so that the next layer,
 * channel or image is a matter of its forward passes.
 */
import { BadInput } from "../../base/errors";
import type { ImageSet } from "../../data/images";
import { someImages } from "../../data/images";
import { normalize } from "../../data/preprocess";
import type { Device } from "../../engine/device";
import { shapeOf } from "../../graph/queries";
import { type Graph, sizeOf } from "../../graph/types";
import { ACTIVATION_IMAGES } from "../../quantize/activations";
import { METHODS } from "../../quantize/methods";
import { type QuantizedNetwork, SILENT } from "../../quantize/methods/method";
import { weightQParams } from "../../quantize/weight-qparams";
import type { InputCache } from "../inputs/cache";
import { checkHash } from "../inputs/hash";
import { checkWidths, loadSome, sizeAfter } from "../inputs/load";
import type { Sources } from "../inputs/sources";
import { type Recipe, workingUnit } from "../recipe/recipe";
import type { ChosenDevice } from "../run/devices";
import type { Inspectable } from "../run/run";
import { type InspectedImages, inspectLayer, type Networks } from "./inspect";
import type { InspectAsk, Inspection } from "./inspection";

/** A finished run as it is inspected. */
export interface KeptRun extends Inspectable {
  readonly recipe: Recipe;
  readonly network: QuantizedNetwork;
  /** The fingerprint's. */
  readonly rounding: string;
}

export interface InspectorOptions {
  readonly ask: InspectAsk;
  /** Of the form, for looks before a run. */
  readonly recipe: Recipe;
  readonly kept: KeptRun | null;
  readonly sources: Sources;
  readonly inputs: InputCache;
  openDevice(recipe: Recipe): Promise<ChosenDevice>;
  tell(inspection: Inspection): void;
  /** May stop it by throwing. */
  breathe(): void | Promise<void>;
}

export class Inspector {
  private before: { readonly key: string; readonly sources: readonly unknown[]; readonly networks: Networks } | null = null;

  /** @throws BadInput where what is asked for is not there */
  async inspect(options: InspectorOptions): Promise<void> {
    const { ask, kept, openDevice, tell, breathe } = options;
    const recipe = ask.rounding === null ? options.recipe : keptFor(ask.rounding, kept).recipe;
    const common = { ask, tell, breathe, openDevice: async () => (await openDevice(recipe)).device };
    if (ask.rounding !== null) return inspectLayer({ ...common, ...ofRun(keptFor(ask.rounding, kept)) });
    const { model, preprocessing } = recipe;
    const { graph, sha256 } = await options.inputs.loadModel(model, options.sources, sizeAfter(preprocessing));
    checkHash(model.kind === "file" ? model.sha256 : null, sha256, graph.name);
    checkWidths(graph, recipe);
    const networks = await this.networksBefore(options, graph);
    const role = recipe.evaluation ? "evaluation" : "calibration";
    const on = role === "evaluation" ? "test" : "calibration";
    const there = recipe[role]?.kind === "builtin" || options.sources[role] !== null;
    const take: InspectedImages["take"] = (select) => loadSome(recipe, role, { ...options, graph }, select, async () => breathe());
    await inspectLayer({
      ...common,
      networks,
      images: there ? { on, preprocessing, take } : null,
      withoutImages: there ? null : on,
    });
  }

  /** The recipe's network rounded to nearest. */
  private async networksBefore(options: InspectorOptions, graph: Graph): Promise<Networks> {
    const { recipe, sources, openDevice, breathe } = options;
    const { weights, activations, preprocessing, calibration } = recipe;
    const unit = workingUnit(recipe);
    const key = JSON.stringify([weights, activations, preprocessing, calibration]);
    const from = [graph, activations && sources.calibration];
    if (this.before?.key === key && this.before.sources.every((one, i) => one === from[i])) return { ...this.before.networks, unit };
    const { device } = await openDevice(recipe);
    try {
      const networks = { graph, nearest: await roundedNetwork(options, device, graph, breathe), reconstructed: null, unit };
      this.before = { key, sources: from, networks };
      return networks;
    } finally {
      device.dispose();
    }
  }
}

function keptFor(rounding: string, kept: KeptRun | null): KeptRun {
  if (kept?.rounding !== rounding)
    throw new BadInput("The quantized network of this result is no longer in memory; press Run again, then inspect it.");
  return kept;
}

function ofRun({ graph, nearest, network, set, on, recipe }: KeptRun) {
  const take = async (select: (count: number) => readonly number[]): Promise<ImageSet> => someImages(set, select(set.count));
  const { preprocessing } = recipe;
  const networks: Networks = { graph, nearest, reconstructed: network, unit: workingUnit(recipe) };
  return { networks, images: { on, preprocessing, take }, withoutImages: null };
}

/** Weights to nearest; activations calibrated as a run's are, where there are images to calibrate on. */
async function roundedNetwork(
  { recipe, sources, inputs }: InspectorOptions,
  device: Device,
  graph: Graph,
  breathe: () => void | Promise<void>,
): Promise<QuantizedNetwork> {
  const layerQParams = await weightQParams(device, graph, recipe.weights, breathe);
  const first = (count: number) => Array.from({ length: Math.min(ACTIVATION_IMAGES, count) }, (_, i) => i);
  const calibrated = recipe.activations && (recipe.calibration.kind === "builtin" || sources.calibration);
  const set = calibrated ? await loadSome(recipe, "calibration", { graph, inputs, sources }, first, async () => breathe()) : null;
  const images = device.createTensor(set?.count ?? 1, sizeOf(shapeOf(graph, graph.input)));
  try {
    if (set) images.write(0, normalize(set, recipe.preprocessing, 0, set.count));
    const activations = set && recipe.activations;
    return await METHODS.nearest.quantize({
      ...recipe,
      activations,
      device,
      graph,
      images,
      layerQParams,
      observer: { ...SILENT, breathe },
      unitCache: null,
    });
  } finally {
    images.dispose();
  }
}
