/** Moves images between a batch and a tensor, one dispatch for each chunk that the tensor is kept in. */
import type { Gather, Scatter } from "../../steps";
import type { Storage } from "../../storage";
import { type Dispatch, elementwise, type WordType } from "../dispatch";

export interface Chunk {
  /** Name under which the executable finds the chunk's buffer. */
  readonly buffer: string;
  readonly first: number;
  readonly count: number;
}

export interface TensorPlace {
  readonly chunks: readonly Chunk[];
  readonly storage: Storage;
  /** Words of one image as stored. */
  readonly words: number;
  /** Staged iterations of a streamed tensor, whose only chunk is its staging; 0 for a resident one. */
  readonly window: number;
}

export function gather(step: Gather, place: TensorPlace): Dispatch[] {
  const { storage, words } = place;
  const fours = storage === "f32" && step.elements % 4 === 0;
  const elements = fours ? step.elements / 4 : step.elements;
  const element = `i % ${elements}u`;
  const value =
    storage === "f32"
      ? `tensor[image * ${fours ? words / 4 : words}u + ${element}]`
      : `unpack2x16float(tensor[image * ${words}u + (${element}) / 2u])[(${element}) % 2u]`;
  const types: Record<string, WordType> = fours ? { tensor: "vec4<f32>", out: "vec4<f32>" } : storage === "f16" ? { tensor: "u32" } : {};
  return place.chunks.map((chunk) =>
    elementwise(step.batch * elements, {
      label: "gather",
      reads: { tensor: chunk.buffer, indices: indicesOf(step, place) },
      writes: { out: step.out },
      types: { indices: "i32", ...types },
      body: `${image(step, place, chunk, `i / ${elements}u`)}
  out[i] = ${value};`,
    }),
  );
}

export function scatter(step: Scatter, place: TensorPlace): Dispatch[] {
  const { storage, words } = place;
  const at = `(i / ${words}u) * ${step.elements}u`;
  const second =
    step.elements % 2 ? `select(0.0, x[min(${at} + j + 1u, ${step.batch * step.elements - 1}u)], j + 1u < ${step.elements}u)` : `x[${at} + j + 1u]`;
  const value = storage === "f32" ? "x[i]" : `pack2x16float(vec2(x[${at} + j], ${second}))`;
  return place.chunks.map((chunk) =>
    elementwise(step.batch * words, {
      label: "scatter",
      reads: { x: step.x, indices: indicesOf(step, place) },
      writes: { tensor: chunk.buffer },
      types: { indices: "i32", ...(storage === "f16" ? { tensor: "u32" } : {}) },
      body: `${image(step, place, chunk, `i / ${words}u`)}
${storage === "f16" ? `  let j = (i % ${words}u) * 2u;\n` : ""}  tensor[image * ${words}u + i % ${words}u] = ${value};`,
    }),
  );
}

/** A streamed tensor's slots follow the iterations: no index is looked up. */
function indicesOf({ indices }: Gather | Scatter, { window }: TensorPlace): string | null {
  return window ? null : indices;
}

/** Declares `image`, the place in the chunk of the batch's image number `of`; returns if it is in another chunk. */
function image({ batch }: Gather | Scatter, { window }: TensorPlace, { first, count }: Chunk, of: string): string {
  if (window) return `  let image = (iteration.x % ${window}u) * ${batch}u + ${of};`;
  return `  let found = indices[iteration.x * ${batch}u + ${of}] - ${first};
  if (found < 0 || found >= ${count}) { return; }
  let image = u32(found);`;
}
