/** From the goal's fields to what a fit is asked. */
import { type Goal, lossGoal, sizeGoal } from "../../session/fit/goal";
import { FIT_DEFAULTS, type FitSettings } from "../../session/fit/settings";

export interface GoalFields {
  readonly kind: Goal["kind"];
  /** As people write it: "100kB", "3bit". */
  readonly size: string;
  readonly points: number;
  readonly bits: readonly number[];
  readonly training: "quick" | "own";
  readonly tries: number;
}

export const GOAL_DEFAULTS: GoalFields = {
  kind: "size",
  size: "100kB",
  points: 1,
  bits: FIT_DEFAULTS.bits,
  training: "quick",
  tries: FIT_DEFAULTS.tries,
};

/** A size that suits a network: about what 4 bit take, on a round figure. @param parameters how many it has */
export function suggestedSize(parameters: number): string {
  const bytes = parameters / 2;
  const [scaled, unit] = bytes >= 1e6 ? [bytes / 1e6, "MB"] : [bytes / 1e3, "kB"];
  return `${Number((1.1 * scaled).toPrecision(1))}${unit}`;
}

export function fitSettings({ kind, size, points, bits, training, tries }: GoalFields): FitSettings {
  return {
    ...FIT_DEFAULTS,
    ...{ goal: kind === "size" ? sizeGoal(size) : lossGoal(points), bits, tries },
    preset: training === "quick" ? FIT_DEFAULTS.preset : null,
  };
}

/** A size as a field parses it: the text itself, or what was expected. */
export function parsedSize(text: string): { readonly value: string } | { readonly error: string } {
  try {
    sizeGoal(text);
    return { value: text.trim() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
