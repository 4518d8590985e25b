/** A shard of a plan: every n-th trial. So shards are alike in size, and rows that train long are spread over all of them. */
import { BadInput } from "../../base/errors";
import type { Plan, Trial } from "./plan";

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** @param text "3/16": the third of sixteen @throws BadInput */
export function parseShard(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || index < 1 || index > count)
    throw new BadInput(`--shard ${text} is no shard; expected for example 3/16, the third of sixteen, counted from 1.`);
  return { index, count };
}

export function trialsIn({ trials }: Pick<Plan, "trials">, { index, count }: Shard): Trial[] {
  return trials.filter((_, i) => i % count === index - 1);
}
