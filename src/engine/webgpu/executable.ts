/**
 * A Program on the GPU: pipelines and bind groups are made once; an iteration is a run of
 * setPipeline, setBindGroup, dispatch, with no other JavaScript. The iteration number lives in a uniform
 * that the last dispatch of each iteration advances, so nothing is written from the host inside the loop.
 *
 * Work goes in submissions of about a tenth of a second (a watchdog kills long ones), two in flight, so
 * that the GPU never waits for JavaScript and a cancel never waits long.
 */
import { allocate } from "../allocate";
import type { DatasetTensor, Executable, RunOptions } from "../device";
import type { Program } from "../program";
import { drainSlot, fillSlot, type Stage, type Streaming, streamingOf } from "../streaming";
import { whileHeld } from "../yield";
import type { GpuContext } from "./context";
import { WebGpuTensor } from "./dataset-tensor";
import type { Dispatch } from "./dispatch";
import { dispatchesOf } from "./kernels";
import type { TensorPlace } from "./kernels/dataset-tensor";

const SUBMISSION_MS = 120;

/** The iteration counter's buffer. */
export const COUNTER_BYTES = 16;

const ADVANCE = `@group(0) @binding(0) var<storage, read_write> iteration: array<u32>;
@compute @workgroup_size(1)
fn main() { iteration[0] += 1u; }`;

interface Command {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly grid: readonly [number, number, number];
}

export async function compileProgram(context: GpuContext, program: Program, tensors: ReadonlyMap<string, DatasetTensor>): Promise<Executable> {
  const owned: GPUBuffer[] = [];
  try {
    return await compileOwned(context, program, tensors, owned);
  } catch (error) {
    for (const buffer of owned) context.release(buffer);
    throw error;
  }
}

/** Words of each memory that dispatches share. */
export function scratchOf(dispatches: readonly Dispatch[]): Map<string, number> {
  const words = new Map<string, number>();
  for (const { scratch = {} } of dispatches)
    for (const [name, need] of Object.entries(scratch)) words.set(name, Math.max(need, words.get(name) ?? 0));
  return words;
}

async function compileOwned(
  context: GpuContext,
  program: Program,
  tensors: ReadonlyMap<string, DatasetTensor>,
  owned: GPUBuffer[],
): Promise<WebGpuExecutable> {
  const create = (words: number) => {
    const buffer = context.buffer(words);
    owned.push(buffer);
    return buffer;
  };
  const temps = allocate(program);
  const slots = temps.slots.map(create);
  const buffers = new Map<string, GPUBuffer>();
  for (const [name, spec] of program.buffers) {
    const slot = temps.slotOf.get(name);
    if (spec.role === "host") buffers.set(name, create(spec.size));
    else if (slot !== undefined) buffers.set(name, slots[slot] as GPUBuffer);
  }
  const streaming = streamingOf(program, tensors);
  const placeOf = (name: string): TensorPlace => {
    const stage = streaming?.stages.get(name);
    if (streaming && stage) {
      buffers.set(`staging:${name}`, create(streaming.window * stage.words));
      const { storage, words } = stage.source;
      return { chunks: [{ buffer: `staging:${name}`, first: 0, count: streaming.window * stage.batch }], storage, words, window: streaming.window };
    }
    const tensor = tensors.get(name);
    if (!(tensor instanceof WebGpuTensor)) throw new Error(`DatasetTensor ${name} is not bound`);
    const chunks = tensor.chunks.map(({ buffer, first, count }, index) => {
      buffers.set(`tensor:${name}:${index}`, buffer);
      return { buffer: `tensor:${name}:${index}`, first, count };
    });
    return { chunks, storage: tensor.storage, words: tensor.words, window: 0 };
  };
  const counter = create(COUNTER_BYTES / 4);
  const dispatches = dispatchesOf(program.steps, placeOf);
  for (const [name, words] of scratchOf(dispatches)) buffers.set(name, create(words));
  const commands = await Promise.all(
    dispatches.map(async ({ code, label, bindings, grid }): Promise<Command> => {
      const pipeline = await context.pipeline(code, label);
      const entries: GPUBindGroupEntry[] = [{ binding: 0, resource: { buffer: counter, size: 16 } }];
      bindings.forEach(({ buffer }, index) => {
        const resource = buffers.get(buffer);
        if (!resource) throw new Error(`Buffer ${buffer} of ${label} is not in this program`);
        entries.push({ binding: index + 1, resource: { buffer: resource } });
      });
      const bindGroup = context.gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
      return { pipeline, bindGroup, grid };
    }),
  );
  const advance = await context.pipeline(ADVANCE, "advance");
  const layout = advance.getBindGroupLayout(0);
  const bindGroup = context.gpu.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: counter } }] });
  commands.push({ pipeline: advance, bindGroup, grid: [1, 1, 1] });
  context.check();
  return new WebGpuExecutable(context, program, buffers, owned, counter, commands, streaming);
}

export class WebGpuExecutable implements Executable {
  /** The index tables of streamed tensors, as last written. */
  private readonly tables = new Map<string, Int32Array>();

  constructor(
    private readonly context: GpuContext,
    private readonly program: Program,
    private readonly buffers: ReadonlyMap<string, GPUBuffer>,
    private readonly owned: readonly GPUBuffer[],
    private readonly counter: GPUBuffer,
    private readonly commands: readonly Command[],
    private readonly streaming: Streaming | null,
  ) {}

  write(name: string, data: Float32Array | Int32Array): void {
    const size = this.program.buffers.get(name)?.size;
    if (data.length !== size) throw new Error(`Buffer ${name} holds ${size} words, not ${data.length}`);
    this.context.gpu.queue.writeBuffer(this.buffer(name), 0, data as Float32Array<ArrayBuffer>);
    if (data instanceof Int32Array && this.isTable(name)) this.tables.set(name, data);
  }

  read(name: string, offset = 0, count?: number): Promise<Float32Array> {
    const size = count ?? (this.program.buffers.get(name)?.size ?? 0) - offset;
    return this.context.read(this.buffer(name), offset, size);
  }

  async run({ from, to, onProgress, pauses }: RunOptions): Promise<number> {
    const { queue } = this.context.gpu;
    queue.writeBuffer(this.counter, 0, Uint32Array.of(from, 0, 0, 0));
    const pending: { done: number; finished: Promise<unknown> }[] = [];
    const longest = this.streaming?.window ?? Number.POSITIVE_INFINITY;
    let chunk = 1;
    let mark = performance.now();
    let first = from;
    let end = to;
    while (first < end || pending.length > 0) {
      while (first < end && pending.length < 2) {
        const last = Math.min(end, first + Math.min(chunk, longest));
        this.fill(first, last);
        queue.submit([this.encode(last - first)]);
        pending.push({ done: last, finished: queue.onSubmittedWorkDone() });
        await this.drain(first, last);
        first = last;
      }
      const oldest = pending.shift();
      if (!oldest) break;
      await this.context.settled(oldest.finished);
      const now = performance.now();
      const ratio = SUBMISSION_MS / Math.max(now - mark, 1);
      chunk = Math.max(1, Math.floor(chunk * Math.min(2, Math.max(0.5, ratio))));
      mark = now;
      // What was submitted is waited for, so that buffers are those of the iteration that is told.
      if (pauses?.()) end = first;
      if (end < to) continue;
      await whileHeld();
      await onProgress?.(oldest.done);
    }
    return first;
  }

  /** Dispatches of one iteration. */
  get dispatches(): number {
    return this.commands.length;
  }

  /** The commands of `iterations` iterations. */
  encode(iterations: number): GPUCommandBuffer {
    const encoder = this.context.gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    let current: GPUComputePipeline | null = null;
    for (let iteration = 0; iteration < iterations; iteration++) {
      for (const { pipeline, bindGroup, grid } of this.commands) {
        if (pipeline !== current) pass.setPipeline(pipeline);
        current = pipeline;
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
      }
    }
    pass.end();
    return encoder.finish();
  }

  dispose(): void {
    for (const buffer of this.owned) this.context.release(buffer);
  }

  /** Queues the images of iterations [first, last): the queue's order puts the copies between two submissions. */
  private fill(first: number, last: number): void {
    for (const stage of this.streaming?.stages.values() ?? []) {
      if (stage.direction !== "in") continue;
      const slot = new Uint32Array(stage.words);
      for (let iteration = first; iteration < last; iteration++) {
        fillSlot(stage, this.table(stage), iteration, slot);
        this.context.gpu.queue.writeBuffer(this.buffer(`staging:${stage.tensor}`), this.slot(iteration) * stage.words * 4, slot);
      }
    }
  }

  /** Collects what iterations [first, last) scattered to the host. */
  private async drain(first: number, last: number): Promise<void> {
    for (const stage of this.streaming?.stages.values() ?? []) {
      if (stage.direction !== "out") continue;
      // One read for all slots: waiting for the GPU may take longer than the copy.
      const window = this.streaming?.window ?? 1;
      const { buffer } = await this.context.read(this.buffer(`staging:${stage.tensor}`), 0, window * stage.words);
      for (let iteration = first; iteration < last; iteration++)
        drainSlot(stage, this.table(stage), iteration, new Uint32Array(buffer, this.slot(iteration) * stage.words * 4, stage.words));
    }
  }

  private slot(iteration: number): number {
    return iteration % (this.streaming?.window ?? 1);
  }

  private table({ indices }: Stage): Int32Array {
    const table = this.tables.get(indices);
    if (!table) throw new Error(`The table ${indices} was not written before the run`);
    return table;
  }

  private isTable(name: string): boolean {
    return [...(this.streaming?.stages.values() ?? [])].some(({ indices }) => indices === name);
  }

  private buffer(name: string): GPUBuffer {
    const buffer = this.buffers.get(name);
    if (!buffer) throw new Error(`Buffer ${name} is not in this program`);
    return buffer;
  }
}
