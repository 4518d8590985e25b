/** The page's state: the recipe being written, the files chosen, and the view of the session. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { ExportKind, OnnxContainer } from "../../export/catalog";
import type { Experiment } from "../../session/experiments/experiment";
import type { Sweep } from "../../session/experiments/sweep";
import type { FitSettings } from "../../session/fit/settings";
import { type Candidate, candidateRecipe } from "../../session/fit/state";
import type { FileRole } from "../../session/inputs/sources";
import type { InspectAsk } from "../../session/inspect/inspection";
import { demoRecipe, PREPROCESSING_DEFAULTS } from "../../session/recipe/defaults";
import type { BuiltinModel, Recipe } from "../../session/recipe/recipe";
import { type LayerBits, withBits, withoutBits, withoutLayerWidths } from "../../session/search/result";
import { type SearchSettings, searchedRecipe } from "../../session/search/settings";
import type { SharedRun } from "../../session/share/shared";
import { SessionClient } from "../../session/worker/client";
import type { LabEvent } from "../../session/worker/events";
import type { SentFiles } from "../../session/worker/protocol";
import { LossCurves } from "../charts/curves";
import { Roundings } from "../charts/roundings";
import type { Searched } from "../precision/search";
import { save } from "../ui/save";
import { forgetAddress, isOfOpened, type OpenedRun, resolved } from "./opened";
import { EMPTY, isSame, reduce, type View } from "./view";

export interface LabState {
  readonly recipe: Recipe;
  readonly files: Readonly<Record<FileRole, string | null>>;
  readonly view: View;
  /** Loss curves of the run that is shown, outside of what React compares. */
  readonly curves: LossCurves;
  /** Rounding variables of that run, unit by unit, as its training sampled them. */
  readonly roundings: Roundings;
  /** The shared result that was opened; it stays while the form moves on. */
  readonly opened: OpenedRun | null;
  /** What the last search was made for. */
  readonly searched: Searched | null;
  /** What the last sweep measures. */
  readonly sweep: Sweep | null;
  /** Whether a network of one's own may run on the built-in images: only when asked for. */
  readonly builtinImagesWanted: boolean;
  /** Lets a network of one's own run on the built-in images after all. */
  useBuiltinImages(): void;
  change(change: Partial<Recipe>): void;
  /** @param from where on the web the files were fetched, as a recipe keeps it; null for files of one's own */
  choose(role: FileRole, given: SentFiles, from: string | null): void;
  /** The demo as it ships, or another built-in network under the settings as they are. */
  takeDemo(model?: BuiltinModel): void;
  /** @param file what it was read from, or null for a link */
  open(run: SharedRun, file?: File | null): void;
  /** Brings the opened result's settings back into the form; files stay as they are. */
  backToOpened(): void;
  /** Closes the opened result: the form stays as it is. */
  closeOpened(): void;
  complain(message: string): void;
  dismissError(): void;
  /** Brings back the settings that the shown result was made with; files stay as they are. */
  restore(): void;
  /** Whether the dialog for sharing is open. */
  readonly sharing: boolean;
  openShare(): void;
  closeShare(): void;
  run(): void;
  compare(experiment: Experiment): void;
  search(settings: SearchSettings): void;
  /** Quantizes to a goal; the recipe then has what was found, unless it was changed meanwhile. */
  fit(settings: FitSettings): void;
  /** Puts the widths of something that a fit looked at into the recipe. */
  takeCandidate(candidate: Candidate): void;
  /** Puts an assignment into the recipe, or takes it out. */
  take(assignment: readonly LayerBits[] | null): void;
  /** Measures all that was found, beside uniform widths. */
  beginSweep(seeds: number, hawq: boolean): Promise<void>;
  /**
   * Tells a listener of all that the session says, after the view has changed; when a run is done, the curves are its own,
   * though the view may have gone on. @returns what ends it
   */
  listen(listener: (events: readonly LabEvent[]) => void): () => void;
  /** Looks into a layer of the run that is shown, or of the recipe's network before one; the answer is `view.inspected`. */
  inspect(ask: Omit<InspectAsk, "rounding">): void;
  /** Nearest rounding under the recipe's own widths, at once, on the watched images. */
  score(): void;
  cancel(): void;
  /** Saves the network of the report that is shown, or what is told of it. */
  /** @param container the narrowest type for the weights of an ONNX file */
  export(as: ExportKind, container: OnnxContainer): void;
}

/** Changes of these fields redraw the network or change what the run needs of memory. */
const CHECKED: readonly (keyof Recipe)[] = [
  "model",
  "unit",
  "preprocessing",
  "calibration",
  "evaluation",
  "batch",
  "loss",
  "inputs",
  "cache",
  "method",
  "weights",
  "activations",
];

const NO_FILES: LabState["files"] = { model: null, calibration: null, evaluation: null };

export function createLab(): StoreApi<LabState> {
  return createStore<LabState>((set, get) => {
    /** What stood before a network was chosen that has not been read yet: a file that is none leaves it as it was. */
    let before: (Pick<LabState, "recipe" | "files"> & { readonly given: SentFiles | null }) | null = null;
    const settle = (events: readonly LabEvent[]) => {
      if (before === null) return;
      if (events.some((event) => event.type === "network")) before = null;
      else if (events.some((event) => event.type === "failed" && event.badInput)) {
        const { given, ...rest } = before;
        before = null;
        client.give("model", given);
        set(rest);
      }
    };
    const curves = new LossCurves();
    const roundings = new Roundings();
    const listeners = new Set<(events: readonly LabEvent[]) => void>();
    const client = new SessionClient((events) => {
      for (const event of events)
        if (event.type === "exported") save(event.file.name, event.file.type, new Blob([event.file.bytes as Uint8Array<ArrayBuffer>]));
      set((lab) => {
        const view = events.reduce(reduce, lab.view);
        const other = view.network && lab.view.network && !isSame(view.network, lab.view.network);
        const { opened, recipe } = lab;
        // Widths that came without names find their layers when the network is there.
        const found = opened?.run.widths && view.network && isOfOpened(opened, recipe, "model") ? resolved(opened, recipe, view.network) : null;
        if (found && "error" in found) return { view: { ...view, error: found.error }, opened: null };
        return other ? { view, sweep: null, searched: null, ...found } : { view, ...found };
      });
      settle(events);
      for (const part of upToEnds(events)) {
        curves.feed(part);
        roundings.feed(part);
        for (const listener of listeners) listener(part);
      }
    });
    const check = () => client.check(get().recipe);
    const adopt = (recipe: Recipe, rest: Partial<LabState>) => {
      client.cancel();
      curves.clear();
      roundings.clear();
      set({ recipe, files: NO_FILES, sweep: null, searched: null, view: EMPTY, ...rest });
      for (const role of ["model", "calibration", "evaluation"] as const) client.give(role, null);
      if (recipe.model.kind === "builtin") check();
    };
    return {
      recipe: demoRecipe(),
      files: NO_FILES,
      view: EMPTY,
      curves,
      roundings,
      opened: null,
      sweep: null,
      searched: null,
      builtinImagesWanted: false,
      useBuiltinImages: () => set({ builtinImagesWanted: true }),
      change(change) {
        set(({ recipe }) => ({ recipe: { ...recipe, ...change } }));
        if (CHECKED.some((field) => field in change) && isReady(get())) check();
      },
      choose(role, given, from) {
        const { recipe, opened, files } = get();
        const ofOpened = isOfOpened(opened, recipe, role);
        if (role === "model") before ??= { recipe, files, given: client.given.get(role) ?? null };
        client.give(role, given);
        const change = chosen(recipe, role, given.name, from, ofOpened);
        set({ recipe: { ...recipe, ...change }, files: { ...files, [role]: shownName(given) } });
        if (role === "model") {
          // Bit widths of another network's layers mean nothing for this one, nor does the demo's normalization; those of
          // a link that was just opened stay.
          if (!ofOpened) {
            const own = withoutLayerWidths(get().recipe);
            set({ builtinImagesWanted: false, recipe: recipe.model.kind === "builtin" ? { ...own, preprocessing: PREPROCESSING_DEFAULTS } : own });
          }
          check();
        } else if (role === "calibration" && isReady(get())) check();
      },
      takeDemo(name) {
        const { model, calibration, evaluation, preprocessing } = demoRecipe();
        const inputs = { model: name ? ({ kind: "builtin", name } as const) : model, calibration, evaluation, preprocessing };
        adopt({ ...(name ? withoutLayerWidths(get().recipe) : demoRecipe()), ...inputs }, { opened: null });
        forgetAddress();
      },
      open: (run, file = null) => adopt(run.recipe, { builtinImagesWanted: true, opened: { run, file } }),
      backToOpened() {
        const { opened, recipe } = get();
        if (!opened) return;
        for (const role of ["model", "calibration", "evaluation"] as const) {
          if (isOfOpened(opened, recipe, role)) continue;
          client.give(role, null);
          set(({ files }) => ({ files: { ...files, [role]: null } }));
        }
        get().change({ ...opened.run.recipe, threads: recipe.threads, memory: recipe.memory });
      },
      closeOpened() {
        set({ opened: null });
        forgetAddress();
      },
      restore() {
        const { view, recipe } = get();
        if (view.recipe) get().change({ ...view.recipe, memory: recipe.memory, threads: recipe.threads, diagnose: recipe.diagnose });
      },
      sharing: false,
      openShare: () => set({ sharing: true }),
      closeShare: () => set({ sharing: false }),
      dismissError: () => set(({ view }) => ({ view: { ...view, error: null } })),
      complain: (message) => set(({ view }) => ({ view: { ...view, error: message } })),
      run() {
        // A run of its own is no row of the experiment before.
        const apart = ({ queue }: View) => queue && { ...queue, current: null };
        set(({ view }) => ({ view: { ...view, state: "loading", error: null, queue: apart(view) } }));
        client.run(get().recipe);
      },
      compare(experiment) {
        set(({ view }) => ({ view: { ...view, state: "loading", error: null } }));
        client.compare(experiment);
      },
      search(settings) {
        set(({ view }) => ({
          view: { ...view, state: "loading", error: null },
          sweep: null,
          searched: { recipe: get().recipe, measure: settings.measure },
        }));
        client.search(get().recipe, settings);
      },
      fit(settings) {
        const started = get().recipe;
        set(({ view }) => ({ view: { ...view, state: "loading", error: null, fit: null }, sweep: null, searched: null }));
        const end = get().listen((events) => {
          const over = events.find((event) => event.type === "state" && ["done", "cancelled", "failed"].includes(event.state));
          if (!over) return;
          end();
          const { recipe, view } = get();
          // Files stay named as they are here, with whatever hash was asked for.
          const { model, calibration, evaluation } = recipe;
          if (recipe === started && view.fit?.verdict && view.report) set({ recipe: { ...view.report.recipe, model, calibration, evaluation } });
        });
        client.fit(started, settings);
      },
      takeCandidate: (candidate) => get().change(candidateRecipe(get().recipe, candidate)),
      take(assignment) {
        const { recipe, change } = get();
        if (!assignment) return change(withoutBits(recipe));
        const searched = assignment.some(({ activation }) => activation !== null);
        change(withBits(searchedRecipe(recipe, { activationBits: searched ? [] : null }), assignment));
      },
      async beginSweep(seeds, hawq) {
        const { planSweep } = await import("../precision/sweep-plan");
        const { view, recipe, compare, complain } = get();
        const planned = planSweep(view, recipe, seeds, hawq);
        if (!planned) return;
        const { sweep, plan } = planned;
        if ("error" in plan) return complain(plan.error);
        set({ sweep });
        compare(plan.experiment);
      },
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      inspect(ask) {
        const { recipe, view } = get();
        client.inspect(recipe, { ...ask, rounding: view.report?.fingerprint.rounding ?? null });
      },
      score: () => client.score(get().recipe),
      export(as, container) {
        const { report } = get().view;
        if (report) client.export(as, report.fingerprint.rounding, container);
      },
      cancel: () => client.cancel(),
    };
  });
}

/**
 * Which images are missing before anything can run. A network of one's own was not trained on the built-in images: its
 * results on them would mean nothing, so that it runs on them only where a person asks for it.
 */
export function missingInputs({ recipe, builtinImagesWanted }: LabState): ("calibration" | "evaluation")[] {
  if (recipe.model.kind === "builtin" || builtinImagesWanted) return [];
  return (["calibration", "evaluation"] as const).filter((role) => recipe[role]?.kind === "builtin");
}

/** Events in pieces that end where a run does: its end and the next one's beginning may come in one bundle. */
function upToEnds(events: readonly LabEvent[]): LabEvent[][] {
  const parts: LabEvent[][] = [[]];
  for (const event of events) {
    parts.at(-1)?.push(event);
    if (event.type === "done") parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
}

/** What the page calls chosen files: packed weights are told beside the network that they are for. */
function shownName({ name, files }: SentFiles): string {
  const packed = files.find(({ path }) => path !== name && /\.safetensors(\.zip)?$/i.test(path));
  return packed ? `${name} with ${packed.path}` : name;
}

function isReady({ recipe, files }: LabState): boolean {
  return recipe.model.kind === "builtin" || files.model !== null;
}

/** A newly chosen file replaces what the recipe named; a link's recipe keeps its hashes, to be checked, and so does what was fetched from where it says. */
function chosen(recipe: Recipe, role: FileRole, name: string, from: string | null, fromLink: boolean): Partial<Recipe> {
  const old = recipe[role];
  const named = old && old.kind !== "builtin" && (fromLink || (from !== null && from === old.from)) ? old : null;
  const origin = from ?? named?.from;
  const common = { name, sha256: named?.sha256 ?? null, ...(origin === undefined ? {} : { from: origin }) };
  if (role === "model") return { model: { kind: "file", ...common } };
  return { [role]: { kind: "files", ...common, count: named?.kind === "files" ? named.count : null } };
}
