/**
 * A run as it is watched: the accuracy of the network quantized so far, unit by unit, beside the same curve for rounding to
 * nearest. It reads what the run computes and changes nothing of it.
 *
 * - Nearest, before anything is trained: units up to one rounded to nearest, activations that they make too where they
 *   are quantized; the rest at full precision.
 * - Weights, after each unit: units up to it as the method has quantized them, the rest at full precision. Methods that find the scales of
 *   activations after all weights leave activations at full precision until then.
 * - Activations, after each unit whose scales were trained: the network as it stands, all weights quantized, scales trained up to it.
 * - At the end the whole network, unless the last unit showed it already.
 */
import { type ImageSet, someImages, spread } from "../../data/images";
import { normalize, type Preprocessing } from "../../data/preprocess";
import type { DatasetTensor, Device } from "../../engine/device";
import type { Graph } from "../../graph/types";
import type { Scores } from "../../network/evaluate";
import type { Segment } from "../../passes/partition";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import { type Parts, SoFarWalk } from "../../quantize/so-far";
import type { Phase } from "../../quantize/unit-change";
import type { Recipe } from "../recipe/recipe";
import { chooseShown, SHOWN } from "../watch/choose";
import { watchedCount, watchedPlaces } from "../watch/sample";
import type { LabEvent, SoFar } from "../worker/events";
import { accuracyOf } from "./judge";
import { className, picturesOf } from "./samples";
import { type WatchPlan, watchedUnits } from "./watch-plan";

export interface WatchedRunOptions {
  readonly device: Device;
  readonly graph: Graph;
  readonly recipe: Recipe;
  readonly plan: WatchPlan;
  /** The images that results are judged on, and the full-precision network's scores of them. */
  readonly set: ImageSet;
  readonly full: Scores;
  readonly classNames: readonly string[] | null;
  readonly on: "test" | "calibration";
  readonly preprocessing: Preprocessing;
  /** Where activations are kept; by default on the device if they fit. */
  readonly place?: "device" | "host";
  emit(event: LabEvent): void;
  breathe(): void | Promise<void>;
}

export class WatchedRun {
  private readonly segments: readonly Segment[];
  private readonly units: readonly Segment[];
  /** Places in the set of the images that are walked, and of these those that are counted, which come first, and those that are shown. */
  private places: readonly number[] = [];
  private counted: readonly number[] = [];
  private shown: readonly number[] = [];
  private images: DatasetTensor | null = null;
  private walk: SoFarWalk | null = null;
  private phase: Phase = "weights";
  /** The network of the last point. */
  private last: Pick<QuantizedNetwork, "kernels" | "biases" | "quantizers"> | null = null;
  /** By unit of the weights: noise at its output under rounding to nearest. */
  readonly nearestNoise: Map<string, number> = new Map();

  constructor(private readonly options: WatchedRunOptions) {
    const { segments, units } = watchedUnits(options.graph, options.recipe);
    this.segments = segments;
    this.units = units;
  }

  /**
   * Puts the images on the device.
   * @param shown places of the pictures that are shown already; null chooses them and tells
   * @returns the places that are shown
   */
  begin(shown: readonly number[] | null, nearest: Scores): readonly number[] {
    const { device, set, graph, plan, preprocessing, full } = this.options;
    const sample = watchedPlaces(set.count, watchedCount(graph));
    const chosen = shown ?? this.choose(sample, nearest);
    const counted = spread(sample.length, plan.images).map((at) => sample[at] as number);
    // Those that count come first: noise is theirs alone, whichever pictures are shown.
    this.places = [...new Set([...counted, ...chosen])];
    this.counted = counted.map((_, i) => i);
    this.shown = full.positions > 1 ? [] : chosen.map((place) => this.places.indexOf(place));
    const some = someImages(set, this.places);
    this.images = device.createTensor(some.count, some.height * some.width * some.channels, this.placed());
    this.images.write(0, normalize(some, preprocessing, 0, some.count));
    return chosen;
  }

  /** The whole curve of rounding to nearest. @param onProgress with the share that is done */
  async nearest(network: QuantizedNetwork, onProgress: (share: number) => void): Promise<void> {
    const { plan } = this.options;
    const walk = this.newWalk(this.options.graph, this.segments);
    let done = 0;
    try {
      for (const [unit, segment] of this.units.entries()) {
        const noise = await walk.advance(this.segments.indexOf(segment), network);
        this.nearestNoise.set(segment.name, noise);
        if (plan.points.has(unit)) await this.tell(walk, unit, noise, { method: "nearest", phase: "weights" }, FULL);
        done += plan.work[unit] as number;
        onProgress(done / plan.curve);
      }
    } finally {
      walk.dispose();
    }
  }

  /** After a unit: tells of the network so far. @returns noise at the unit's output; null for one that has no weights to train */
  async unitDone({ name }: Segment, phase: Phase, network: QuantizedNetwork): Promise<number | null> {
    const unit = this.units.findIndex((one) => one.name === name);
    if (unit < 0) return null;
    if (phase !== this.phase) this.endWalk();
    this.phase = phase;
    this.walk ??= this.newWalk(network.graph, watchedUnits(network.graph, this.options.recipe).segments);
    const noise = await this.walk.advance(
      this.segments.findIndex((one) => one.name === name),
      network,
    );
    if (!this.options.plan.points.has(unit)) return noise;
    await this.tell(this.walk, unit, noise, { method: "quantized", phase }, phase === "activations" ? network : FULL);
    this.last = { kernels: new Map(network.kernels), biases: new Map(network.biases), quantizers: new Map(network.quantizers) };
    if (unit === this.units.length - 1) this.endWalk();
    return noise;
  }

  /** Tells of the whole network, unless the last unit did. */
  async end(network: QuantizedNetwork): Promise<void> {
    this.endWalk();
    if (this.units.length === 0) return;
    if (this.last && sameNetwork(this.last, network)) return;
    const walk = this.newWalk(network.graph, watchedUnits(network.graph, this.options.recipe).segments);
    try {
      const unit = this.units.length - 1;
      const noise = await walk.advance(this.segments.indexOf(this.units[unit] as Segment), network);
      await this.tell(walk, unit, noise, { method: "quantized", phase: this.options.recipe.activations ? "activations" : "weights" }, network);
    } finally {
      walk.dispose();
    }
  }

  dispose(): void {
    this.endWalk();
    this.images?.dispose();
    this.images = null;
  }

  private endWalk(): void {
    this.walk?.dispose();
    this.walk = null;
  }

  private placed(): { place?: "device" | "host" } {
    const { place } = this.options;
    return place ? { place } : {};
  }

  private newWalk(graph: Graph, segments: readonly Segment[]): SoFarWalk {
    const { device, breathe } = this.options;
    return new SoFarWalk({ device, graph, segments, images: this.images as DatasetTensor, measured: this.counted.length, breathe, ...this.placed() });
  }

  /** The pictures where nobody chose before: by what full precision and rounding to nearest call them. */
  private choose(sample: readonly number[], nearest: Scores): number[] {
    const { full, set, recipe, classNames, on, emit } = this.options;
    const of = (values: Int32Array) => Int32Array.from(sample, (place) => values[place] as number);
    const rounded = [{ bits: recipe.weights.bits, predictions: of(nearest.predictions) }];
    const picked =
      full.positions > 1
        ? watchedPlaces(sample.length, SHOWN)
        : chooseShown({ full: of(full.predictions), rounded, labels: set.labels && of(set.labels) });
    const places = picked.map((at) => sample[at] as number);
    emit({ type: "watched", images: { count: sample.length, of: set.count, on, shown: picturesOf(set, places, classNames) } });
    return places;
  }

  private async tell(walk: SoFarWalk, unit: number, noise: number, what: Pick<SoFar, "method" | "phase">, rest: Parts): Promise<void> {
    const { set, full, classNames, emit } = this.options;
    const { predictions, classes, positions } = await walk.answer(rest);
    const own = this.counted.map((at) => this.places[at] as number);
    const judged = { classes, positions, predictions: rows(predictions, this.counted, positions) };
    const reference = { classes, positions, predictions: rows(full.predictions, own, positions) };
    const labels = set.labels && rows(set.labels, own, positions);
    const accuracy = accuracyOf(judged, reference, { labels });
    const called = this.shown.map((at) => className(classNames, predictions[at] as number));
    const { name } = this.units[unit] as Segment;
    emit({ type: "soFar", soFar: { ...what, unit, name, noise, accuracy, full: accuracyOf(reference, reference, { labels }), predictions: called } });
  }
}

/** What follows at full precision. */
const FULL: Parts = { kernels: new Map(), biases: new Map(), quantizers: new Map() };

/** The numbers of some images, `each` of them an image. */
function rows(values: Int32Array, places: readonly number[], each: number): Int32Array {
  const out = new Int32Array(places.length * each);
  for (const [i, place] of places.entries()) out.set(values.subarray(place * each, (place + 1) * each), i * each);
  return out;
}

/** Whether nothing was replaced or added since. */
function sameNetwork(a: Pick<QuantizedNetwork, "kernels" | "biases" | "quantizers">, b: QuantizedNetwork): boolean {
  const same = <K, V>(one: ReadonlyMap<K, V>, other: ReadonlyMap<K, V>) =>
    one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
  return same(a.kernels, b.kernels) && same(a.biases, b.biases) && same(a.quantizers, b.quantizers);
}
