/** What a network is fitted to: a size that it must keep, or points that it may lose. */
import { BadInput } from "../../base/errors";
import { sizeText } from "../../export/proof/text";
import { limitText, parseLimit } from "../search/limit";

export type Goal =
  /** At most so many bytes, or what uniform bits take, plus a share of it. */
  | { readonly kind: "size"; readonly limit: number | { readonly bits: number; readonly plus: number } }
  /** At most so many points of top-1 below full precision; without labels, percent of images that change class. */
  | { readonly kind: "loss"; readonly points: number };

/** A goal whose size is known in bytes. */
export type SettledGoal = { readonly kind: "size"; readonly bytes: number } | { readonly kind: "loss"; readonly points: number };

/** @param text "100kB", "0.5MB", "3bit", "2bit+10%" @throws BadInput */
export function sizeGoal(text: string): Goal {
  const { value } = parseLimit(`size=${text}`);
  if (typeof value !== "number") return { kind: "size", limit: value };
  const bytes = Math.round(value * 1e6);
  if (bytes < 1) throw new BadInput(`A size of ${text} is no goal; expected for example 100kB, 0.5MB or 3bit.`);
  return { kind: "size", limit: bytes };
}

/** @throws BadInput for what is not 0 to 100 */
export function lossGoal(points: number): Goal {
  if (!(points >= 0 && points <= 100)) throw new BadInput(`A loss of ${points} points is no goal; expected a number from 0 to 100, for example 1.`);
  return { kind: "loss", points };
}

/** "at most 100.0 kB", "at most what 3 bit take", "at most 1 point lost". */
export function goalText(goal: Goal | SettledGoal): string {
  if (goal.kind === "loss") return `at most ${goal.points} ${goal.points === 1 ? "point" : "points"} lost`;
  if ("bytes" in goal) return `at most ${sizeText(goal.bytes)}`;
  if (typeof goal.limit === "number") return `at most ${sizeText(goal.limit)}`;
  return `at most ${limitText({ cost: "size", value: goal.limit })}`;
}
