/**
 * The checkpoints of one run: each unit in a file of its own when it is done, and the unit in training in one more, at least every minute
 * and where the run is stopped. A file that is damaged, or that belongs to another run or unit, is told of and made anew; where nothing can
 * be written that is told once, and the run goes on without.
 */
import { Cancelled } from "../../base/errors";
import { heldSince, whileHeld } from "../../engine/yield";
import type { Checkpoints, KeptTrainingState, KeptUnit, UnitPlace } from "../../quantize/checkpoints";
import { phaseName } from "../run/report";
import type { LabEvent } from "../worker/events";
import { packTraining, packUnit, type RecordOf, unpackTraining, unpackUnit } from "./record";
import { seal, unseal } from "./sealed";
import type { CheckpointPlace, CheckpointStore } from "./store";

/** Milliseconds after which a unit in training is kept again. */
const EVERY = 60_000;

export interface RunCheckpointsOptions {
  readonly store: CheckpointStore;
  /** The run's identity (identity.ts). */
  readonly run: string;
  readonly signal: AbortSignal;
  emit(event: LabEvent): void;
  /** Milliseconds between two states of a unit in training. */
  readonly every?: number | undefined;
}

export class RunCheckpoints implements Checkpoints {
  private last = performance.now();
  /** Whether writing failed. */
  private refused = false;

  constructor(private readonly options: RunCheckpointsOptions) {}

  async unit(place: UnitPlace): Promise<KeptUnit | null> {
    const kept = await this.load(nameOf(place), (content) => unpackUnit(this.of("unit", place), content));
    if (kept) this.options.emit({ type: "resumed", name: phaseName(place.name, place.phase), iteration: null });
    return kept;
  }

  async training(place: UnitPlace): Promise<KeptTrainingState | null> {
    this.last = performance.now();
    const kept = await this.load(nameOf(place, ".training"), (content) => unpackTraining(this.of("training", place), content));
    if (kept) this.options.emit({ type: "resumed", name: phaseName(place.name, place.phase), iteration: kept.iteration });
    return kept;
  }

  async keepUnit(place: UnitPlace, unit: KeptUnit): Promise<void> {
    await this.save(nameOf(place), at(place, null), () => packUnit(this.of("unit", place), unit));
    if (!this.refused) await this.options.store.remove(nameOf(place, ".training"));
  }

  async keepTraining(place: UnitPlace, state: KeptTrainingState): Promise<void> {
    await this.save(nameOf(place, ".training"), at(place, state.iteration), () => packTraining(this.of("training", place), state));
    await whileHeld();
    if (this.options.signal.aborted) throw new Cancelled();
  }

  isDue(): boolean {
    const { signal, every = EVERY } = this.options;
    if (signal.aborted) return true;
    const held = heldSince();
    // Once for each time that it is held: who closes the page then loses nothing.
    return !this.refused && (performance.now() - this.last >= every || (held !== null && this.last < held));
  }

  private warn(message: string): void {
    this.options.emit({ type: "warning", message });
  }

  private of(kind: RecordOf["kind"], place: UnitPlace): RecordOf {
    return { kind, run: this.options.run, place };
  }

  private async save(name: string, place: CheckpointPlace, pack: () => Uint8Array): Promise<void> {
    this.last = performance.now();
    if (this.refused) return;
    try {
      await this.options.store.write(name, await seal(pack()), place);
    } catch (error) {
      this.refused = true;
      const why = error instanceof Error ? error.message : String(error);
      this.warn(`Checkpoints cannot be written (${why}): the run goes on, but if it is interrupted it starts again from the last one.`);
    }
  }

  private async load<T>(name: string, unpack: (content: Uint8Array<ArrayBuffer>) => T | null): Promise<T | null> {
    const bytes = await this.options.store.read(name);
    if (!bytes) return null;
    const content = await unseal(bytes);
    const problem = (why: string) => {
      this.warn(`The checkpoint ${name} is not used: ${why}. What it held is computed anew.`);
      return null;
    };
    if ("problem" in content) return problem(content.problem);
    try {
      return unpack(content) ?? problem("it belongs to another run or unit");
    } catch (error) {
      return problem(error instanceof Error ? error.message : String(error));
    }
  }
}

function at({ name, phase }: UnitPlace, iteration: number | null): CheckpointPlace {
  return { unit: phaseName(name, phase), iteration };
}

function nameOf({ phase, index }: UnitPlace, what: "" | ".training" = ""): string {
  return `${phase}-${String(index).padStart(3, "0")}${what}.checkpoint`;
}
