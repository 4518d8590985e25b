/** What the host calls: `run` on its own thread, `serve` in each worker. */
export { run } from "./plan";
export { serve } from "./serve";
