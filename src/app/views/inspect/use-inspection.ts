/**
 * Asks for what the view shows, and asks again when that changes: another layer, channel or image; before a run, other
 * settings; after one, its result. While a run is under way nothing is asked, for the answer would come when it is over.
 */
import { useEffect, useState } from "react";
import type { InspectAsk, Inspection } from "../../../session/inspect/inspection";
import { useLab } from "../../state/react";
import { isBusy } from "../../state/view";

export type Wanted = Omit<InspectAsk, "rounding" | "layer">;

export const FIRST: Wanted = { channel: null, at: "layer", image: 0, maps: null };

export interface Asked {
  readonly wanted: Wanted;
  want(change: Partial<Wanted>): void;
  /** Of this layer; null until something is there. */
  readonly inspection: Inspection | null;
  readonly error: string | null;
  /** Whether an answer to what is wanted now is still to come. */
  readonly waiting: boolean;
}

/** Until so many milliseconds have passed without a change nothing is asked. */
const PAUSE = 120;

export function useInspection(layer: string): Asked {
  const [state, setState] = useState({ layer, wanted: FIRST });
  const wanted = state.layer === layer ? state.wanted : { ...FIRST, at: state.wanted.at, image: state.wanted.image };
  const inspect = useLab((lab) => lab.inspect);
  const recipe = useLab((lab) => lab.recipe);
  const rounding = useLab((lab) => lab.view.report?.fingerprint.rounding ?? null);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const files = useLab((lab) => lab.files);
  const inspected = useLab((lab) => lab.view.inspected);
  const ask: InspectAsk = { ...wanted, layer, rounding };
  const key = JSON.stringify(ask);
  // Of a finished run the form's recipe and files decide nothing.
  const before = rounding === null ? recipe : null;
  const given = rounding === null ? files : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: recipe and files decide what the answer is
  useEffect(() => {
    if (busy) return;
    const timer = setTimeout(() => inspect(JSON.parse(key)), PAUSE);
    return () => clearTimeout(timer);
  }, [busy, key, before, given, inspect]);
  const own = inspected?.ask.layer === layer && inspected.ask.rounding === rounding ? inspected : null;
  const isAnswer = own !== null && JSON.stringify(own.ask) === JSON.stringify({ ...own.ask, ...ask });
  return {
    wanted,
    want: (change) => setState({ layer, wanted: { ...wanted, ...change } }),
    inspection: own && !("error" in own) ? own : null,
    error: own && "error" in own ? own.error : null,
    waiting: !busy && !(isAnswer && ("error" in own || own.complete)),
  };
}
