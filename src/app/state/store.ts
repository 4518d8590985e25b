/** The page's state: the recipe being written, the files chosen, and the view of the session. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { ExportKind, OnnxContainer } from "../../export/catalog";
import type { KeptWork } from "../../session/checkpoint/work-database";
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
import { chosen, type FormState, type ImagesRole, NO_FILES, ROLES, restored, shownName } from "./files";
import { forgetAddress, isOfOpened, type OpenedFile, type OpenedRun, resolved } from "./opened";
import { PendingFiles } from "./pending-files";
import { askedAgain } from "./resumed";
import { EMPTY, isSame, reduce, upToEnds, type View } from "./view";

export interface LabState extends FormState {
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
  /** The assumed preprocessing is right. */
  confirmPreprocessing(): void;
  takeBuiltinImages(role: ImagesRole): void;
  /** Lets a file that a recipe asks for by its hash be another one. */
  acceptAny(role: FileRole): void;
  /** The settings of the result that is shown back into the form; files stay as they are. */
  restore(): void;
  /** Lets a network of one's own run on the built-in images after all. */
  useBuiltinImages(): void;
  change(change: Partial<Recipe>): void;
  /** @param from where on the web the files were fetched, as a recipe keeps it; null for files of one's own */
  choose(role: FileRole, given: SentFiles, from: string | null): void;
  /** The demo as it ships, or another built-in network under the settings as they are. */
  takeDemo(model?: BuiltinModel): void;
  /** @param file what it was read from, or null for a link */
  open(run: SharedRun, file?: OpenedFile | null): void;
  /** Has the opened file's weights compared with the last run's: the answer is an event `checked`. */
  checkOpenedFile(): void;
  /** Brings the opened result's settings back into the form; files stay as they are. */
  backToOpened(): void;
  /** Closes the opened result: the form stays as it is. */
  closeOpened(): void;
  /** What went wrong on the page itself, not in a job: it stays until it is dismissed or something new begins. */
  readonly complaint: string | null;
  complain(message: string): void;
  dismissError(): void;
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
  /** Holds what runs where it stands, and lets it go on. */
  pause(): void;
  goOn(): void;
  /** Goes on with interrupted work, under its own settings. @returns false where files have to be chosen first: the form then asks for them */
  goOnWith(work: KeptWork): boolean;
  /** Saves the network of the report that is shown, or what is told of it. @param container the narrowest type for ONNX weights */
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

export function createLab(): StoreApi<LabState> {
  return createStore<LabState>((set, get) => {
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
      pending.settle(events);
      for (const part of upToEnds(events)) {
        curves.feed(part);
        roundings.feed(part);
        for (const listener of listeners) listener(part);
      }
    });
    const check = () => client.check(get().recipe);
    const pending = new PendingFiles({ get, set, check, client });
    const adopt = (recipe: Recipe, rest: Partial<LabState>) => {
      client.cancel();
      curves.clear();
      roundings.clear();
      pending.clear();
      set({ recipe, files: NO_FILES, sweep: null, searched: null, refused: {}, preprocessingAssumed: false, complaint: null, view: EMPTY, ...rest });
      for (const role of ROLES) client.give(role, null);
      if (recipe.model.kind === "builtin") check();
    };
    /** Puts what a fit finds into the recipe, unless that is changed meanwhile. */
    const takeFitted = () => {
      const started = get().recipe;
      const end = get().listen((events) => {
        const over = events.find((event) => event.type === "state" && ["done", "cancelled", "failed"].includes(event.state));
        if (!over) return;
        end();
        const { recipe, view } = get();
        // Files stay named as they are here, with whatever hash was asked for.
        const { model, calibration, evaluation } = recipe;
        if (recipe === started && view.fit?.verdict && view.report) set({ recipe: { ...view.report.recipe, model, calibration, evaluation } });
      });
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
      refused: {},
      preprocessingAssumed: false,
      confirmPreprocessing: () => set({ preprocessingAssumed: false }),
      takeBuiltinImages(role) {
        const { recipe, files, refused } = get();
        pending.drop(role);
        client.give(role, null);
        const { [role]: _refusal, ...rest } = refused;
        set({ recipe: { ...recipe, [role]: demoRecipe()[role] }, files: { ...files, [role]: null }, refused: rest, complaint: null });
        if (isReady(get())) check();
      },
      acceptAny(role) {
        const { recipe } = get();
        const named = recipe[role];
        if (named && named.kind !== "builtin") set({ recipe: { ...recipe, [role]: { ...named, sha256: null } } });
      },
      restore() {
        const { view, recipe, files } = get();
        if (!view.recipe) return;
        const next = restored(view.recipe, { recipe, files });
        for (const role of ROLES) if (next.files[role] !== files[role]) client.give(role, null);
        set({ ...next, preprocessingAssumed: false });
        if (isReady(get())) check();
      },
      useBuiltinImages: () => set({ builtinImagesWanted: true }),
      change(change) {
        set(({ recipe, preprocessingAssumed, view }) => ({
          recipe: { ...recipe, ...change },
          // A score is of the widths that it was asked for.
          view: "weights" in change ? { ...view, score: null } : view,
          preprocessingAssumed: preprocessingAssumed && !("preprocessing" in change),
        }));
        if (CHECKED.some((field) => field in change) && isReady(get())) check();
      },
      choose(role, given, from) {
        const { recipe, opened, files, refused } = get();
        const ofOpened = isOfOpened(opened, recipe, role);
        pending.begin(role);
        client.give(role, given);
        const change = chosen(recipe, role, given.name, from, ofOpened);
        const { [role]: _refusal, ...rest } = refused;
        set({ recipe: { ...recipe, ...change }, files: { ...files, [role]: shownName(given) }, refused: rest, complaint: null });
        if (role === "model" && !ofOpened) {
          // Bit widths of another network's layers mean nothing for this one, nor does the demo's normalization; those of
          // a link that was just opened stay.
          const own = withoutLayerWidths(get().recipe);
          const plain = recipe.model.kind === "builtin";
          set((lab) => ({
            builtinImagesWanted: false,
            recipe: plain ? { ...own, preprocessing: PREPROCESSING_DEFAULTS } : own,
            preprocessingAssumed: plain || lab.preprocessingAssumed,
          }));
        }
        if (role === "model" || isReady(get())) check();
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
        for (const role of ROLES) {
          if (isOfOpened(opened, recipe, role)) continue;
          client.give(role, null);
          set(({ files }) => ({ files: { ...files, [role]: null } }));
        }
        get().change({ ...opened.run.recipe, threads: recipe.threads, memory: recipe.memory });
      },
      checkOpenedFile() {
        const { opened, view } = get();
        if (opened?.file && view.report) client.checkFile(opened.file, view.report.fingerprint.rounding);
      },
      closeOpened() {
        set({ opened: null });
        forgetAddress();
      },
      sharing: false,
      openShare: () => set({ sharing: true }),
      closeShare: () => set({ sharing: false }),
      // The one that is shown; the other is still to be read.
      dismissError: () => set(({ complaint, view }) => (complaint === null ? { view: { ...view, error: null } } : { complaint: null })),
      complaint: null,
      complain: (complaint) => set({ complaint }),
      run() {
        // A run of its own is no row of the experiment before.
        const apart = ({ queue }: View) => queue && { ...queue, current: null };
        set(({ view }) => ({ complaint: null, view: { ...view, state: "loading", progress: null, error: null, queue: apart(view) } }));
        client.run(get().recipe);
      },
      compare(experiment) {
        set(({ view }) => ({ complaint: null, view: { ...view, state: "loading", progress: null, error: null } }));
        client.compare(experiment);
      },
      search(settings) {
        set(({ view }) => ({
          complaint: null,
          view: { ...view, state: "loading", progress: null, error: null },
          sweep: null,
          searched: { recipe: get().recipe, measure: settings.measure },
        }));
        client.search(get().recipe, settings);
      },
      fit(settings) {
        set(({ view }) => ({ complaint: null, view: { ...view, state: "loading", error: null, fit: null }, sweep: null, searched: null }));
        takeFitted();
        client.fit(get().recipe, settings);
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
      pause: () => client.pause(),
      goOn: () => client.goOn(),
      goOnWith(work) {
        const { recipe, sent, missing } = askedAgain(work, client.given);
        adopt(recipe, { opened: null, builtinImagesWanted: true });
        forgetAddress();
        for (const [role, files] of sent) {
          client.give(role, files);
          set((lab) => ({ files: { ...lab.files, [role]: shownName(files) } }));
        }
        if (missing) return false;
        const { job } = work;
        set(({ view }) => ({
          view: { ...view, state: "loading" },
          ...(job.kind === "search" ? { searched: { recipe, measure: job.settings.measure } } : {}),
        }));
        if (job.kind === "fit") takeFitted();
        client.goOnWith(job, work.id);
        return true;
      },
    };
  });
}

function isReady({ recipe, files }: LabState): boolean {
  return recipe.model.kind === "builtin" || files.model !== null;
}
