/**
 * The loss curves of the run that is shown, outside React: every iteration's loss, 20 units of 20,000 and more, is appended
 * to buffers, and charts ask for a reduced curve when they draw. Listeners hear of changes; what they draw with is
 * `version`, which rises with each.
 */
import { baseName, phaseOf } from "../../session/run/report";
import type { LabEvent } from "../../session/worker/events";
import { GrowingFloats } from "./growing";
import { type ReducedCurve, reduceCurve } from "./reduce";

export const LOSS_FIELDS = ["reconstruction", "regularizer"] as const;
export type LossField = (typeof LOSS_FIELDS)[number];

/** Points of a curve at most, as it is drawn and kept. */
export const DRAWN_POINTS = 256;

/** One unit in one phase. */
export interface UnitCurve {
  /** The unit's name, the same in both phases. */
  readonly unit: string;
  readonly phase: "weights" | "activations";
  /** Iterations heard of. */
  readonly length: number;
  /** The same object until more is heard. */
  reduced(field: LossField): ReducedCurve;
}

class Recording implements UnitCurve {
  readonly unit: string;
  readonly phase: UnitCurve["phase"];
  private readonly values = { reconstruction: new GrowingFloats(), regularizer: new GrowingFloats() };
  private readonly drawn = new Map<LossField, ReducedCurve>();

  constructor(name: string) {
    this.unit = baseName(name);
    this.phase = phaseOf(name);
  }

  get length(): number {
    return this.values.reconstruction.length;
  }

  append({ first, reconstruction, regularizer }: Extract<LabEvent, { type: "losses" }>["run"]): void {
    this.values.reconstruction.write(first, reconstruction);
    this.values.regularizer.write(first, regularizer);
    this.drawn.clear();
  }

  reduced(field: LossField): ReducedCurve {
    const known = this.drawn.get(field);
    if (known) return known;
    const curve = reduceCurve(this.values[field].view(), DRAWN_POINTS);
    this.drawn.set(field, curve);
    return curve;
  }
}

export class LossCurves {
  private recordings: Recording[] = [];
  private readonly listeners = new Set<() => void>();
  /** Rises with every change. */
  version = 0;

  get units(): readonly UnitCurve[] {
    return this.recordings;
  }

  /** Takes what events say of losses: a new run forgets the one before, a unit that begins again its curve. */
  feed(events: readonly LabEvent[]): void {
    let changed = false;
    for (const event of events) {
      if (event.type === "recipe") this.recordings = [];
      else if (event.type === "unit") this.recordings = [...this.recordings.slice(0, event.index), new Recording(event.name)];
      else if (event.type === "losses") this.recordings[event.unit]?.append(event.run);
      else continue;
      changed = true;
    }
    if (!changed) return;
    this.version++;
    for (const listener of this.listeners) listener();
  }

  clear(): void {
    this.recordings = [];
    this.version++;
    for (const listener of this.listeners) listener();
  }

  /** @returns a function that ends it */
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}
