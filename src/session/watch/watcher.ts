/**
 * Watches a network before anything runs: what rounding to nearest makes of a sample of images, at each width from 8 to 2 bit
 * (glimpses), and under a recipe's own widths (a score). It computes on the WebAssembly device, so that what is seen does not depend on
 * the machine, and keeps device, images, grids and what came out: a check comes at every change of a setting, and most change nothing
 * that a glimpse depends on. The passes give way to newer jobs; one that was stopped goes on where it was.
 *
 * Where activations are quantized, their scales are found once, at full precision and on few images (the search goes over all activations
 * eighty times), not anew for each width as in a run: a glimpse is close to a run's nearest rounding, not equal to it.
 */
import { checkImages } from "../../data";
import { firstImages, type ImageSet } from "../../data/images";
import { normalize } from "../../data/preprocess";
import type { DatasetTensor, Device } from "../../engine/device";
import { totalMacs } from "../../graph/macs";
import { shapeOf } from "../../graph/queries";
import { type Graph, type Layer, sizeOf } from "../../graph/types";
import { score } from "../../network/evaluate";
import type { Overrides } from "../../network/quantized";
import { activationQParams } from "../../quantize/activations";
import { FLOAT_BITS } from "../../quantize/layer-widths";
import type { QParams } from "../../quantize/quantizer";
import { floatBytes, networkBytes } from "../../quantize/size";
import { type KnownGrids, nearestKernels, weightQParams } from "../../quantize/weight-qparams";
import type { InputCache } from "../inputs/cache";
import { classesOf, loadSome } from "../inputs/load";
import type { Sources } from "../inputs/sources";
import type { Recipe } from "../recipe/recipe";
import { accuracyOf } from "../run/judge";
import { type Advice, advisePreprocessing } from "../run/preprocessing-check";
import { className, picturesOf } from "../run/samples";
import type { LabEvent, Score, Watch } from "../worker/events";
import { chooseShown, SHOWN } from "./choose";
import { judgedRole, type WatchedPictures } from "./pictures";
import { watchedCount, watchedPlaces } from "./sample";

/** In the order in which they are looked at: what is at stake, full precision and the least, can be said while the others are computed. */
const WIDTHS: readonly number[] = [FLOAT_BITS, 2, 8, 7, 6, 5, 4, 3];
/** How many come before pictures are chosen without them. */
const SAID_EARLY = 2;
/** Images on which scales of activations are found. */
const SCALE_IMAGES = 16;
/** Multiply-accumulates of a network from which on its preprocessing is doubted by runs alone. */
const MOST_DOUBTED_MACS = 1e9;
/** What came out of so many networks is kept. */
const MOST_KEPT = 256;

export interface Watched {
  readonly recipe: Recipe;
  readonly graph: Graph;
  readonly sources: Sources;
  /** Called all the while; may stop it by throwing. */
  breathe(): void | Promise<void>;
}

export interface WatcherOptions {
  readonly inputs: InputCache;
  readonly pictures: WatchedPictures;
  readonly grids: KnownGrids;
  openDevice(recipe: Recipe): Promise<Device>;
}

interface Sample {
  readonly key: string;
  readonly set: ImageSet;
  /** Of each image in the set that it was taken from, and how many that has. */
  readonly places: readonly number[];
  readonly of: number;
}

interface Outcome extends Pick<Watch, "accuracy"> {
  readonly predictions: Int32Array;
  readonly bytes: number;
}

export class Watcher {
  private device: Device | null = null;
  private images: { readonly key: string; readonly tensor: DatasetTensor } | null = null;
  private sampled: Sample | null = null;
  private readonly outcomes = new Map<string, Outcome>();
  private readonly doubts = new Map<string, Advice | null>();
  private readonly quantizers = new Map<string, NonNullable<Overrides["quantizers"]>>();

  constructor(private readonly options: WatcherOptions) {}

  /** Gives the device back, so that a run has the memory to itself; what is known is kept. */
  close(): void {
    this.device?.dispose();
    this.device = null;
    this.images = null;
  }

  /**
   * Tells of the watched images, and what rounding to nearest makes of them at each width. The first time the shown ones are only
   * chosen when all widths are seen; until then accuracies come without pictures.
   * @throws BadInput where images cannot be read or do not fit
   */
  async glimpses(watched: Watched, emit: (event: LabEvent) => void): Promise<void> {
    const { pictures } = this.options;
    const sample = await this.sample(watched);
    const { set, places, of } = sample;
    const on = judgedRole(watched.recipe) === "evaluation" ? "test" : "calibration";
    // Scores at every position call no picture anything: any will do.
    if (isDense(watched.graph))
      pictures.set(
        sample.key,
        watchedPlaces(places.length, SHOWN).map((at) => places[at] as number),
      );
    const tell = () => {
      const shown = this.shownOf(sample);
      emit({ type: "watched", images: { count: set.count, of, on, shown: picturesOf(set, shown, set.classNames) } });
      return shown;
    };
    const chosen = pictures.get(sample.key) !== null;
    const known: [bits: number, outcome: Outcome][] = [];
    const shown = tell();
    for (const bits of WIDTHS) {
      const outcome = await this.outcome(watched, sample, bits);
      known.push([bits, outcome]);
      if (chosen || known.length <= SAID_EARLY) emit({ type: "glimpse", glimpse: { bits, ...this.watch(watched, sample, outcome, shown) } });
    }
    if (chosen) return;
    const rounded = known.filter(([bits]) => bits !== FLOAT_BITS).map(([bits, { predictions }]) => ({ bits, predictions }));
    const picked = chooseShown({
      full: (known[0] as [number, Outcome])[1].predictions,
      rounded: rounded.sort((a, b) => b.bits - a.bits),
      labels: set.labels,
    });
    pictures.set(
      sample.key,
      picked.map((at) => places[at] as number),
    );
    const now = tell();
    for (const [bits, outcome] of known) emit({ type: "glimpse", glimpse: { bits, ...this.watch(watched, sample, outcome, now) } });
  }

  /** Which preprocessing fits the watched images clearly better; null where none does, or where looking would take minutes. */
  async doubt(watched: Watched): Promise<Advice | null> {
    const { graph, recipe, breathe } = watched;
    const sample = await this.sample(watched);
    const known = this.doubts.get(sample.key);
    if (known !== undefined) return known;
    const isDear = totalMacs(graph) > MOST_DOUBTED_MACS;
    const advice = isDear
      ? null
      : await advisePreprocessing(await this.opened(recipe), graph, sample.set, recipe.preprocessing, { reread: null, breathe });
    this.doubts.set(sample.key, advice);
    return advice;
  }

  /** Rounding to nearest under the recipe's own widths. @throws BadInput where images cannot be read or do not fit */
  async score(watched: Watched): Promise<Score> {
    const sample = await this.sample(watched);
    return this.watch(watched, sample, await this.outcome(watched, sample, null), this.shownOf(sample));
  }

  private watch({ graph }: Watched, { set }: Sample, { accuracy, bytes, predictions }: Outcome, shown: readonly number[]): Score {
    const called = isDense(graph) ? [] : shown.map((at) => className(set.classNames, predictions[at] as number));
    return { accuracy, bytes, predictions: called };
  }

  /** The shown ones of a sample, as places in it; none before they are chosen. */
  private shownOf({ key, places }: Sample): number[] {
    return (this.options.pictures.get(key) ?? []).map((place) => places.indexOf(place)).filter((at) => at >= 0);
  }

  private async sample({ recipe, graph, sources, breathe }: Watched): Promise<Sample> {
    const { inputs, pictures } = this.options;
    const key = pictures.keyOf(graph, recipe, sources);
    if (this.sampled?.key === key) return this.sampled;
    const role = judgedRole(recipe);
    let of = 0;
    let places: number[] = [];
    const select = (count: number) => {
      of = count;
      places = watchedPlaces(count, watchedCount(graph));
      return places;
    };
    const { labelSize, ...read } = await loadSome(recipe, role, { graph, inputs, sources }, select, async () => breathe());
    await breathe();
    const classes = isDense(graph) && !labelSize ? { ...read, labels: null } : read;
    const set: ImageSet = labelSize ? { ...read, labelSize } : classes;
    checkImages(set, shapeOf(graph, graph.input), classesOf(graph), recipe[role]?.name ?? role);
    this.sampled = { key, set, places, of };
    return this.sampled;
  }

  /** @param bits of all layers that have none of their own; null for the recipe's own widths */
  private async outcome(watched: Watched, sample: Sample, bits: number | null): Promise<Outcome> {
    const { graph, recipe } = watched;
    const weights = bits === null ? recipe.weights : { ...recipe.weights, bits, assignment: null };
    const isFull = bits === FLOAT_BITS;
    const key = `${sample.key} ${isFull ? "full" : JSON.stringify([weights, this.activationsKey(watched)])}`;
    const known = this.outcomes.get(key);
    if (known) return known;
    const reference = isFull ? null : await this.outcome(watched, sample, FLOAT_BITS);
    const device = await this.opened(recipe);
    const weightsOf = async () => weightQParams(device, graph, weights, () => watched.breathe(), this.options.grids);
    const layerQParams = isFull ? new Map<Layer, QParams>() : await weightsOf();
    const quantizers = isFull ? new Map() : await this.activations(watched);
    const overrides = { kernels: nearestKernels(layerQParams), quantizers };
    const scores = await score(device, graph, await this.uploaded(watched, sample), overrides, () => watched.breathe());
    const outcome: Outcome = {
      accuracy: accuracyOf(scores, reference ?? scores, sample.set),
      // Of scores at every position only what the others are compared with is kept.
      predictions: reference && isDense(graph) ? new Int32Array(0) : scores.predictions,
      bytes: isFull ? floatBytes(graph) : networkBytes(graph, weights),
    };
    this.outcomes.set(key, outcome);
    for (const oldest of this.outcomes.keys()) if (this.outcomes.size > MOST_KEPT) this.outcomes.delete(oldest);
    return outcome;
  }

  private activationsKey({ graph, recipe, sources }: Watched): string {
    const { activations, weights, calibration, preprocessing } = recipe;
    if (!activations) return "";
    const { bits, scale, lastInputBits, assignment } = activations;
    const images = this.options.pictures.keyOf(graph, { calibration, evaluation: null, preprocessing }, sources);
    return JSON.stringify([images, bits, scale, lastInputBits, assignment, weights.overrides]);
  }

  /** Quantizers of activations, found at full precision. */
  private async activations(watched: Watched): Promise<NonNullable<Overrides["quantizers"]>> {
    const { recipe, graph, sources, breathe } = watched;
    const { activations, preprocessing, weights } = recipe;
    if (!activations) return new Map();
    const key = this.activationsKey(watched);
    const known = this.quantizers.get(key);
    if (known) return known;
    const first = (count: number) => Array.from({ length: Math.min(SCALE_IMAGES, count) }, (_, i) => i);
    const set = firstImages(
      await loadSome(recipe, "calibration", { graph, inputs: this.options.inputs, sources }, first, async () => breathe()),
      SCALE_IMAGES,
    );
    checkImages(set, shapeOf(graph, graph.input), classesOf(graph), recipe.calibration.name);
    const device = await this.opened(recipe);
    const images = device.createTensor(set.count, sizeOf(shapeOf(graph, graph.input)));
    try {
      images.write(0, normalize(set, preprocessing, 0, set.count));
      const { overrides } = weights;
      const found = await activationQParams({
        device,
        graph,
        images,
        activations,
        overrides,
        kernels: new Map(),
        sequential: false,
        onPoint: breathe,
      });
      this.quantizers.set(key, found);
      return found;
    } finally {
      images.dispose();
    }
  }

  private async opened(recipe: Recipe): Promise<Device> {
    this.device ??= await this.options.openDevice(recipe);
    return this.device;
  }

  private async uploaded({ recipe }: Watched, { key, set }: Sample): Promise<DatasetTensor> {
    if (this.images?.key === key) return this.images.tensor;
    const device = await this.opened(recipe);
    this.images?.tensor.dispose();
    const tensor = device.createTensor(set.count, set.height * set.width * set.channels);
    tensor.write(0, normalize(set, recipe.preprocessing, 0, set.count));
    this.images = { key, tensor };
    return tensor;
  }
}

/** Whether a network has scores at many positions of an image. */
function isDense(graph: Graph): boolean {
  return sizeOf(shapeOf(graph, graph.output)) > classesOf(graph);
}
