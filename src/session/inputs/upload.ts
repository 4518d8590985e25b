/**
 * Images are uploaded in parts, so that a large set neither doubles in memory nor blocks the worker. Where memory is
 * short they leave the device to the caches, which training reads over and over.
 */
import type { ImageSet } from "../../data/images";
import { normalize, type Preprocessing } from "../../data/preprocess";
import type { DatasetTensor, Device } from "../../engine/device";
import { yieldToEvents } from "../../engine/yield";
import type { MemoryPlan } from "../../quantize/memory";

/** Numbers in one part. */
const PART = 2 ** 22;

/** The preprocessed images on the device; what is made is added to `owned`, for the caller to dispose of. */
export async function upload(
  device: Device,
  set: ImageSet,
  preprocessing: Preprocessing,
  plan: Pick<MemoryPlan, "streamed">,
  owned: Pick<DatasetTensor, "dispose">[],
): Promise<DatasetTensor> {
  const elements = set.height * set.width * set.channels;
  const tensor = device.createTensor(set.count, elements, plan.streamed ? { place: "host" } : {});
  owned.push(tensor);
  const part = Math.max(1, Math.floor(PART / elements));
  for (let first = 0; first < set.count; first += part) {
    tensor.write(first, normalize(set, preprocessing, first, Math.min(part, set.count - first)));
    await yieldToEvents();
  }
  return tensor;
}
