/** The library in Node: paths, the folder of fetched files, all cores, and the packages `webgpu` and `onnxruntime-node` where they are installed. */
import { builtinModel } from "../node/builtin";
import { HOST_MEMORY, openDevice } from "../node/device";
import { onnxRuntime } from "../node/onnx-runtime";
import { readImagesInput, readModelInput } from "../node/web";
import { setPlatform } from "./platform";

setPlatform({
  hostMemory: HOST_MEMORY,
  openDevice,
  builtinModel,
  readModel: (text, signal) => readModelInput(text, { signal }),
  readImages: (text, signal, count) => readImagesInput(text, { signal }, count),
  onnxRuntime,
});

export * from "./library";
