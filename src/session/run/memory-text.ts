/** What a run needs of memory and where it is kept, as a sentence. */
import type { MemoryEstimate, MemoryPlan } from "../../quantize/memory";

const size = (bytes: number) => (bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`);

export function memoryText(estimate: MemoryEstimate, plan: MemoryPlan | null): string {
  const total = size(estimate.program + estimate.images + estimate.caches);
  const parts = `${size(estimate.images)} of images, ${size(estimate.caches)} of caches, ${size(estimate.program)} for ${estimate.neediest}`;
  if (!plan) return `Needs about ${total} of memory: ${parts}.`;
  const where = plan.streamed ? `; ${size(plan.streamed)} are kept on the host and streamed` : "";
  return `Needs ${total} of memory (${parts}) of a budget of ${size(plan.budget)}${where}.`;
}
