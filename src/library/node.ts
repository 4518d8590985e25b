/** The library in Node: paths, the folder of fetched files, all cores, and the packages `webgpu` and `onnxruntime-node` where they are installed. */
import { builtinModel } from "../node/builtin";
import { HOST_MEMORY, openDevice } from "../node/device";
import { RUNTIMES } from "../node/runtimes";
import { readImagesInput, readModelInput } from "../node/web";
import { setPlatform } from "./platform";

setPlatform({
  hostMemory: HOST_MEMORY,
  openDevice,
  builtinModel,
  readModel: (text, signal) => readModelInput(text, { signal }),
  readImages: (text, signal, count) => readImagesInput(text, { signal }, count),
  openRuntime(kind) {
    const open = RUNTIMES[kind];
    if (!open) throw new Error(`No runtime reads exports of the kind ${kind}`);
    return open(() => {});
  },
});

export * from "./library";
