/**
 * The part of onnxruntime that proofs use: onnxruntime-node and onnxruntime-web have the same interface, and whoever asks for
 * a proof hands one of them in.
 */
import { sizeOf } from "../../graph/types";

interface RuntimeTensor {
  readonly data: unknown;
  readonly dims: readonly number[];
}

interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, RuntimeTensor>): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

export interface OnnxRuntime {
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<RuntimeSession> };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => RuntimeTensor;
}

/** `standard`: each operator as the standard defines it. `deployed`: with all optimizations, as the runtime runs a file by itself. */
export type ExecutionMode = "standard" | "deployed";

export interface OpenFile {
  /**
   * Runs images [n, ...] in the file's order; returns one output, the images' values after each other.
   * @param dims of one image in the file
   */
  run(images: Float32Array, dims: readonly number[], output: string): Promise<Float32Array>;
  close(): Promise<void>;
}

export async function openFile({ InferenceSession, Tensor }: OnnxRuntime, bytes: Uint8Array, mode: ExecutionMode): Promise<OpenFile> {
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel: mode === "standard" ? "disabled" : "all",
    // Only errors: on a file with several opsets' forms of an operator the runtime warns at length.
    logSeverityLevel: 3,
  });
  return {
    async run(images, dims, output) {
      const count = images.length / sizeOf(dims);
      const made = await session.run({ [session.inputNames[0] as string]: new Tensor("float32", images, [count, ...dims]) });
      const tensor = made[output];
      if (!tensor) throw new Error(`The file has no output "${output}", but ${session.outputNames.join(", ")}`);
      return tensor.data as Float32Array;
    },
    close: () => session.release(),
  };
}
