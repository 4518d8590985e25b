/**
 * A Program is the loop of reconstruction written down once: a list of steps over named buffers.
 *
 * Reconstruction repeats the same two dozen kernels tens of thousands of times on static shapes. Deciding
 * anything inside that loop (shapes, allocation, which kernel) costs more than the arithmetic, so all of
 * it is decided before: a builder records steps, `autodiff` adds the backward ones, `fuse` merges what can
 * be one pass over memory, and a device compiles the list and replays it. Whatever changes with the
 * iteration is a table in a buffer that the device indexes with its iteration counter.
 *
 * Activations are NHWC and kernels HWIO. Sizes are counted in 32-bit words.
 */
import type { Step } from "./steps";

/**
 * - `host`: written or read by the host, kept for the Program's life (weights, tables, losses).
 * - `temp`: lives within one iteration; its memory is shared with other temps that do not overlap in time.
 */
export type Role = "host" | "temp";

export interface BufferSpec {
  readonly size: number;
  readonly role: Role;
  readonly type: "f32" | "i32";
}

export interface Program {
  readonly buffers: ReadonlyMap<string, BufferSpec>;
  /** Names of the per-image tensors that gather and scatter steps use, with the words of one image. */
  readonly tensors: ReadonlyMap<string, number>;
  readonly steps: readonly Step[];
}

export class ProgramBuilder {
  readonly buffers: Map<string, BufferSpec> = new Map();
  readonly tensors: Map<string, number> = new Map();
  readonly steps: Step[] = [];
  private serial = 0;

  host(name: string, size: number, type: "f32" | "i32" = "f32"): string {
    return this.declare(name, { size, role: "host", type });
  }

  temp(hint: string, size: number): string {
    return this.declare(`${hint}#${this.serial++}`, { size, role: "temp", type: "f32" });
  }

  tensor(name: string, elements: number): string {
    const known = this.tensors.get(name);
    if (known !== undefined && known !== elements) throw new Error(`DatasetTensor ${name} is declared with ${known} and ${elements} words`);
    this.tensors.set(name, elements);
    return name;
  }

  step(step: Step): void {
    this.steps.push(step);
  }

  size(buffer: string): number {
    const spec = this.buffers.get(buffer);
    if (!spec) throw new Error(`Buffer ${buffer} is not declared`);
    return spec.size;
  }

  build(): Program {
    return { buffers: this.buffers, tensors: this.tensors, steps: this.steps };
  }

  private declare(name: string, spec: BufferSpec): string {
    if (this.buffers.has(name)) throw new Error(`Buffer ${name} is declared twice`);
    if (!(spec.size > 0) || !Number.isInteger(spec.size)) throw new Error(`Buffer ${name} has size ${spec.size}`);
    this.buffers.set(name, spec);
    return name;
  }
}
