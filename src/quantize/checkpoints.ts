/**
 * What a method leaves on its way, so that a run that ended early can go on: units that are done, and the unit in training as it stands.
 * A run that goes on makes everything else anew (scales of weights, the streams of activations, nearest rounding): it is cheap beside the
 * training, and comes out the same. So the result has the same bits as that of a run that nothing interrupted.
 */
import type { LossSamples, TrainingKeeper, TrainingState } from "./training/keeper";
import type { UnitRounding } from "./training/rounding-sample";
import type { Phase, UnitChange } from "./unit-change";

/** A unit of a run: its place among the units of its phase. */
export interface UnitPlace {
  readonly phase: Phase;
  readonly index: number;
  readonly name: string;
}

/** A unit in training, and what was told of its roundings. */
export interface KeptTrainingState extends TrainingState {
  readonly roundings: readonly UnitRounding[];
}

/** A unit that is done: what it changes in the network, and what was told of its training. */
export interface KeptUnit {
  readonly change: UnitChange;
  readonly losses: readonly LossSamples[];
  readonly roundings: readonly UnitRounding[];
}

export interface Checkpoints {
  /** What is kept of a unit; null where there is nothing, or nothing that is sound. */
  unit(place: UnitPlace): Promise<KeptUnit | null>;
  keepUnit(place: UnitPlace, unit: KeptUnit): Promise<void>;
  training(place: UnitPlace): Promise<KeptTrainingState | null>;
  /** @throws Cancelled where the run is to stop, after it was kept */
  keepTraining(place: UnitPlace, state: KeptTrainingState): Promise<void>;
  /** Whether the unit in training is to be kept now. */
  isDue(): boolean;
}

/** Whoever watches the run. */
interface Observer {
  losses(samples: LossSamples): void | Promise<void>;
  rounding(sample: UnitRounding): void | Promise<void>;
}

/** Who hears of a unit's training: the observer, and the checkpoints, which tell it again. */
export class KeptTraining {
  private readonly samples: LossSamples[] = [];
  private readonly roundings: UnitRounding[] = [];

  constructor(
    private readonly place: UnitPlace,
    private readonly checkpoints: Checkpoints | null,
    private readonly observer: Observer | null,
  ) {}

  readonly onLosses = (samples: LossSamples): void | Promise<void> => {
    if (this.checkpoints) this.samples.push(samples);
    return this.observer?.losses(samples);
  };

  readonly onRounding = (sample: UnitRounding): void | Promise<void> => {
    if (this.checkpoints) this.roundings.push(sample);
    return this.observer?.rounding(sample);
  };

  /** Null where nothing is kept. */
  get keeper(): TrainingKeeper | null {
    const { checkpoints, place, roundings } = this;
    if (!checkpoints) return null;
    return {
      load: async () => {
        const state = await checkpoints.training(place);
        for (const sample of state?.roundings ?? []) await this.onRounding(sample);
        return state;
      },
      isDue: () => checkpoints.isDue(),
      keep: (state) => checkpoints.keepTraining(place, { ...state, roundings }),
    };
  }

  /** What is kept of the unit, told to the observer as if it were trained now. */
  async known(): Promise<UnitChange | null> {
    const kept = await this.checkpoints?.unit(this.place);
    if (!kept) return null;
    for (const sample of kept.roundings) await this.observer?.rounding(sample);
    for (const samples of kept.losses) await this.observer?.losses(samples);
    return kept.change;
  }

  async done(change: UnitChange): Promise<void> {
    await this.checkpoints?.keepUnit(this.place, { change, losses: this.samples, roundings: this.roundings });
  }
}
