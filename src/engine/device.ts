/** What the rest of the lab asks of a device; `wasm` and `webgpu` implement it and nothing else is shared. */
import type { MemoryMeter } from "./memory";
import type { Program } from "./program";
import type { ScaleSearch } from "./scale-search";
import type { Storage } from "./storage";

export type DeviceKind = "wasm" | "webgpu";

export interface DeviceInfo {
  readonly kind: DeviceKind;
  /** One line for people: the adapter's name, or the number of threads. */
  readonly description: string;
  readonly threads: number;
}

/** One tensor an image for a whole data set, kept on the device or, where memory is short, on the host. */
export interface DatasetTensor {
  readonly count: number;
  /** Numbers of one image. */
  readonly elements: number;
  readonly storage: Storage;
  readonly place: "device" | "host";
  /** Writes images from number `first` on; `data` holds a whole number of images. */
  write(first: number, data: Float32Array): void;
  read(first: number, count: number): Promise<Float32Array>;
  dispose(): void;
}

export interface RunOptions {
  readonly from: number;
  readonly to: number;
  /** Called a few times a second with the number of iterations done; throwing stops the run. */
  readonly onProgress?: (done: number) => void | Promise<void>;
  /** Asked all the while, before progress is told; true ends the run early, between two iterations, with nothing under way. */
  readonly pauses?: () => boolean;
}

/** A compiled Program. */
export interface Executable {
  write(buffer: string, data: Float32Array | Int32Array): void;
  /** `count` words from word `offset`, all of the buffer by default. */
  read(buffer: string, offset?: number, count?: number): Promise<Float32Array>;
  /** @returns the iterations that are done: `to`, or fewer where the run was to pause */
  run(options: RunOptions): Promise<number>;
  dispose(): void;
}

export interface DatasetTensorOptions {
  /** f32 by default. */
  readonly storage?: Storage;
  /** By default on the device if it fits the budget beside the programs to come. */
  readonly place?: "device" | "host";
}

export interface Device {
  readonly info: DeviceInfo;
  readonly memory: MemoryMeter;
  createTensor(count: number, elements: number, options?: DatasetTensorOptions): DatasetTensor;
  /** Bytes of device memory that a program takes, without its tensors and their staging. */
  footprint(program: Program): number;
  /** The search for scales of weights: WebAssembly on all threads, whatever the device, for the same scales everywhere. */
  openScaleSearch(): Promise<ScaleSearch>;
  compile(program: Program, tensors: ReadonlyMap<string, DatasetTensor>): Promise<Executable>;
  dispose(): void;
}
