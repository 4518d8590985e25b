/** What the page shows of a session, and how each event changes it: one pure function. */
import type { ExportKind } from "../../export/catalog";
import type { FirstLook } from "../../quantize/first-look";
import type { FisherProfile } from "../../search/sensitivity/curvature";
import type { SensitivityTable } from "../../search/sensitivity/table";
import type { ResultRow } from "../../session/experiments/results";
import type { FitState } from "../../session/fit/state";
import type { NetworkView } from "../../session/network/view";
import type { Recipe } from "../../session/recipe/recipe";
import type { Advice } from "../../session/run/preprocessing-check";
import type { Accuracy, AccuracyName, Report, UnitDiagnosis, UnitReport } from "../../session/run/report";
import type { SearchResult, TradeoffResult } from "../../session/search/result";
import { patched } from "../../session/search/table-patch";
import type {
  ClassResults,
  Glimpse,
  LabEvent,
  RoundingSample,
  Sample,
  SampledCurves,
  Score,
  SoFar,
  State,
  WatchedImages,
} from "../../session/worker/events";

export interface UnitProgress {
  readonly name: string;
  readonly report: UnitReport | null;
}

export interface View {
  readonly state: State;
  /** Whether the work that is under way is held. */
  readonly paused: boolean;
  readonly device: { readonly kind: string; readonly description: string; readonly reason: string } | null;
  readonly memory: Extract<LabEvent, { type: "memory" }> | null;
  readonly network: NetworkView | null;
  /** What rounding would take from its layers; null until it has been looked at. */
  readonly firstLook: FirstLook | null;
  /** The recipe of the run that is shown, with its files' hashes. */
  readonly recipe: Recipe | null;
  readonly progress: Pick<Extract<LabEvent, { type: "progress" }>, "text" | "fraction" | "secondsLeft" | "doing"> | null;
  readonly accuracy: Partial<Readonly<Record<AccuracyName, Accuracy>>>;
  /** By unit index. */
  readonly units: readonly UnitProgress[];
  readonly current: number | null;
  readonly warnings: readonly string[];
  /** A preprocessing that fits better; its message is one of the warnings. */
  readonly advice: Advice | null;
  /** What speaks against the form's preprocessing, before anything runs. */
  readonly doubt: Advice | null;
  /** The first images of each kind as the network will see them, or why it cannot. */
  readonly previews: Readonly<Record<"calibration" | "evaluation", Extract<LabEvent, { type: "preview" }>["preview"]>>;
  readonly diagnosis: readonly UnitDiagnosis[];
  readonly samples: readonly Sample[];
  /** The sample of test images by which a run is watched, and what rounding to nearest makes of them at each width. */
  readonly watched: WatchedImages | null;
  readonly glimpses: readonly Glimpse[];
  /** Why there is no sample, where images were given but cannot be read. */
  readonly unwatched: string | null;
  /** Nearest rounding under the form's own widths, where it was asked for. */
  readonly score: Score | null;
  /** The network quantized so far, by nearest rounding and by the run's method. */
  readonly soFar: readonly SoFar[];
  /** Rounding variables of the unit in training, as last heard. */
  readonly rounding: RoundingSample | null;
  /** The layer that was looked into last; null until one is. */
  readonly inspected: Extract<LabEvent, { type: "inspected" }>["inspection"] | null;
  readonly classes: ClassResults | null;
  readonly report: Report | null;
  /** Of the exports of the report's network, by kind. */
  readonly proofs: Partial<Readonly<Record<ExportKind, Proof>>>;
  /** What the last run took; null while another job runs, and after one. */
  readonly seconds: number | null;
  /** The sensitivity table, as far as it is measured, and what was found in it. */
  readonly sensitivity: { readonly table: SensitivityTable; readonly done: number; readonly total: number } | null;
  /** Fisher information at the output of each block, by channel and position. */
  readonly fisher: readonly FisherProfile[];
  readonly search: readonly SearchResult[];
  readonly tradeoff: TradeoffResult | null;
  /** The experiment that runs or ran last. */
  readonly queue: QueueView | null;
  /** The fit to a goal that runs or ran last. */
  readonly fit: FitState | null;
  readonly error: string | null;
}

/** What came out when a runtime ran an exported file. */
export type Proof = Pick<Extract<LabEvent, { type: "proof" }>, "passed" | "verdict" | "measurements">;

export interface QueueView {
  readonly title: string;
  readonly total: number;
  readonly current: string | null;
  readonly results: readonly ResultRow[];
  /** By row, one a finished seed. */
  readonly curves: Readonly<Record<string, readonly SampledCurves[]>>;
}

export const EMPTY: View = {
  state: "idle",
  paused: false,
  device: null,
  memory: null,
  network: null,
  firstLook: null,
  recipe: null,
  progress: null,
  accuracy: {},
  units: [],
  current: null,
  warnings: [],
  advice: null,
  doubt: null,
  previews: { calibration: null, evaluation: null },
  diagnosis: [],
  samples: [],
  watched: null,
  glimpses: [],
  unwatched: null,
  score: null,
  soFar: [],
  rounding: null,
  inspected: null,
  classes: null,
  report: null,
  proofs: {},
  seconds: null,
  sensitivity: null,
  fisher: [],
  search: [],
  tradeoff: null,
  queue: null,
  fit: null,
  error: null,
};

export function isBusy(state: State): boolean {
  return state === "loading" || state === "calibrating" || state === "quantizing" || state === "evaluating";
}

export function reduce(view: View, event: LabEvent): View {
  switch (event.type) {
    case "state":
      return {
        ...view,
        state: event.state,
        paused: view.paused && isBusy(event.state),
        seconds: event.state === "loading" ? null : view.seconds,
        error: event.state === "loading" || event.state === "ready" ? null : view.error,
      };
    case "device":
      return { ...view, device: event };
    case "memory":
      return { ...view, memory: event };
    case "network":
      // Another network: what was found for the one before means nothing here.
      if (view.network === null || isSame(view.network, event.network)) return { ...view, network: event.network };
      return { ...EMPTY, state: view.state, progress: view.progress, error: view.error, network: event.network };
    case "recipe":
      // Model and images are loaded and fit: only now do a new run's results take the place of the old ones.
      return {
        ...EMPTY,
        state: view.state,
        network: view.network,
        firstLook: view.firstLook,
        previews: view.previews,
        watched: view.watched,
        inspected: view.inspected,
        unwatched: view.unwatched,
        doubt: view.doubt,
        glimpses: view.glimpses,
        queue: view.queue,
        fit: view.fit,
        sensitivity: view.sensitivity,
        fisher: view.fisher,
        search: view.search,
        tradeoff: view.tradeoff,
        recipe: event.recipe,
      };
    case "progress":
      return { ...view, progress: event };
    case "accuracy":
      return { ...view, accuracy: { ...view.accuracy, [event.name]: event.accuracy } };
    case "unit":
      return { ...view, current: event.index, units: [...view.units.slice(0, event.index), { name: event.name, report: null }] };
    case "losses":
      // Curves are kept outside React (charts/curves.ts): a loss changes nothing that is compared.
      return view;
    case "unitDone":
      return withUnit(view, event.index, (unit) => ({ ...unit, report: event.report }));
    case "doubt":
      return { ...view, doubt: event.advice };
    case "advice":
      return { ...view, advice: event.advice };
    case "firstLook":
      return { ...view, firstLook: event.look };
    case "preview":
      return { ...view, previews: { ...view.previews, [event.role]: event.preview } };
    // Its losses and outcome follow as those of any unit.
    case "resumed":
    case "interrupted":
      return view;
    case "paused":
      return { ...view, paused: event.paused };
    case "warning":
      return { ...view, warnings: [...view.warnings, event.message] };
    case "diagnosis":
      return { ...view, diagnosis: event.units };
    case "samples":
      return { ...view, samples: event.samples };
    case "done":
      return { ...view, report: event.report, seconds: event.report.seconds.total ?? null, current: null };
    case "sensitivity":
      return {
        ...view,
        sensitivity: { table: event.table, done: event.done, total: event.total },
        // A new search, whether it measures anew or not, begins with its table.
        search: [],
        tradeoff: null,
      };
    case "measured":
      if (!view.sensitivity) return view;
      return { ...view, sensitivity: { table: patched(view.sensitivity.table, event.patch), done: event.done, total: event.total } };
    case "fisher":
      return { ...view, fisher: event.profiles };
    case "searched":
      return { ...view, search: [...view.search, event.result] };
    case "tradeoff":
      return { ...view, tradeoff: event.tradeoff };
    case "queue":
      return { ...view, queue: { title: event.title, total: event.total, current: null, results: [], curves: {} } };
    case "queueRun":
      return withQueue(view, (queue) => ({ ...queue, current: `${event.label}, seed ${event.seed}` }));
    case "queueRow":
      return withQueue(view, (queue) => ({
        ...queue,
        results: [...queue.results.filter(({ label }) => label !== event.row.label), event.row],
        curves: { ...queue.curves, [event.row.label]: event.curves },
      }));
    case "exported":
    case "checked":
      // A file is saved, not shown.
      return view;
    case "proof": {
      const { as, passed, verdict, measurements } = event;
      return { ...view, proofs: { ...view.proofs, [as]: { passed, verdict, measurements } } };
    }
    case "watched":
      // What a run told of the same pictures still holds.
      return {
        ...view,
        watched: event.images,
        unwatched: null,
        glimpses: [],
        // A score is of the same sample until the network's images change.
        score: view.watched?.count === event.images.count && view.watched.of === event.images.of ? view.score : null,
        soFar: samePictures(view.watched, event.images) ? view.soFar : [],
      };
    case "unwatched":
      return { ...view, watched: null, unwatched: event.reason, glimpses: [], score: null, doubt: null };
    case "glimpse":
      return { ...view, glimpses: [...view.glimpses.filter(({ bits }) => bits !== event.glimpse.bits), event.glimpse] };
    case "score":
      return { ...view, score: event.score };
    case "soFar":
      return { ...view, soFar: [...view.soFar, event.soFar] };
    case "rounding":
      return { ...view, rounding: event.sample };
    case "inspected":
      return { ...view, inspected: event.inspection };
    case "classes":
      return { ...view, classes: event.classes };
    case "fit":
      return { ...view, fit: event.fit };
    case "failed":
      return { ...view, error: event.message, current: null };
  }
}

/** Whether two drawings, of whatever units, are of one network. */
export function isSame(a: NetworkView, b: NetworkView): boolean {
  const idsOf = (network: NetworkView) => network.units.flatMap(({ layers }) => layers.map(({ id }) => id)).join();
  return a.name === b.name && a.parameters === b.parameters && a.macs === b.macs && idsOf(a) === idsOf(b);
}

/** Whether two samples show the same pictures. */
function samePictures(a: WatchedImages | null, b: WatchedImages): boolean {
  if (!a || a.count !== b.count || a.of !== b.of || a.on !== b.on || a.shown.length !== b.shown.length) return false;
  return a.shown.every(({ pixels }, i) => {
    const other = b.shown[i]?.pixels ?? new Uint8Array(0);
    return pixels.length === other.length && pixels.every((value, at) => value === other[at]);
  });
}

function withQueue(view: View, change: (queue: QueueView) => QueueView): View {
  return view.queue ? { ...view, queue: change(view.queue) } : view;
}

function withUnit(view: View, index: number, change: (unit: UnitProgress) => UnitProgress): View {
  return { ...view, units: view.units.map((unit, i) => (i === index ? change(unit) : unit)) };
}

/** Events in pieces that end where a run does: its end and the next one's beginning may come in one bundle. */
export function upToEnds(events: readonly LabEvent[]): LabEvent[][] {
  const parts: LabEvent[][] = [[]];
  for (const event of events) {
    parts.at(-1)?.push(event);
    if (event.type === "done") parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
}
