/** What a run needs of memory and where it is kept, as a sentence. */
import type { MemoryEstimate, MemoryPlan } from "../../quantize/memory";

const size = (bytes: number) => (bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`);

/** Says what is counted: what the device holds, and what the host takes beside it. */
export function memoryText({ program, images, caches, host, neediest }: MemoryEstimate, plan: MemoryPlan | null): string {
  const device = program + images + caches;
  const parts = `${size(images)} of images, ${size(caches)} of caches, ${size(program)} for ${neediest}`;
  const rest = `about ${size(host)} for the program itself, the network and pictures`;
  if (!plan) return `Needs about ${size(device + host)} of memory: ${size(device)} on the device (${parts}), and ${rest}.`;
  const where = plan.streamed ? `; ${size(plan.streamed)} of them are kept on the host and streamed` : "";
  return `Needs about ${size(device + host)} of memory: ${size(device)} on the device (${parts}) of a budget of ${size(plan.budget)}${where}; and ${rest}.`;
}
