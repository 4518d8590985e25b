/** Moves images between a batch and a bank, one dispatch for each chunk that the bank is kept in. */
import type { Gather, Scatter } from "../../steps";
import { type Dispatch, elementwise } from "../dispatch";

export interface Chunk {
  /** Name under which the executable finds the chunk's buffer. */
  readonly buffer: string;
  readonly first: number;
  readonly count: number;
}

export function gather(step: Gather, chunks: readonly Chunk[]): Dispatch[] {
  return chunks.map(({ buffer, first, count }) =>
    elementwise(step.batch * step.elements, {
      label: "gather",
      reads: { bank: buffer, indices: step.indices },
      writes: { out: step.out },
      integers: ["indices"],
      body: `  let image = indices[iteration.x * ${step.batch}u + i / ${step.elements}u] - ${first};
  if (image >= 0 && image < ${count}) { out[i] = bank[u32(image) * ${step.elements}u + i % ${step.elements}u]; }`,
    }),
  );
}

export function scatter(step: Scatter, chunks: readonly Chunk[]): Dispatch[] {
  return chunks.map(({ buffer, first, count }) =>
    elementwise(step.batch * step.elements, {
      label: "scatter",
      reads: { x: step.x, indices: step.indices },
      writes: { bank: buffer },
      integers: ["indices"],
      body: `  let image = indices[iteration.x * ${step.batch}u + i / ${step.elements}u] - ${first};
  if (image >= 0 && image < ${count}) { bank[u32(image) * ${step.elements}u + i % ${step.elements}u] = x[i]; }`,
    }),
  );
}
