/** The memory beside a program's buffers that its rows work in: packed kernels, and a scratch area for each thread. */
import { type Geometry, isDepthwise, kernelSize, padded, type Step } from "../steps";
import {
  depthwiseBytes,
  FILTER_PARTS,
  inputGradGeometry,
  isWinograd,
  PLANE_PADDING,
  type Workspace,
  windowBytes,
  winogradFilterNeed,
  winogradRun,
} from "./tiling";

/** The workspace that `steps` need on so many threads. */
export function workspaceOf(steps: readonly Step[], threads: number): Workspace {
  const need: Workspace = { panels: 0, scratch: 256 };
  const conv = (g: Geometry, flipped: boolean) => {
    const channels = (flipped ? g.c : g.k) / g.groups;
    const depth = (flipped ? g.k : g.c) / g.groups;
    const side = flipped ? inputGradGeometry(g) : g;
    if (isDepthwise(g)) {
      need.scratch = Math.max(need.scratch, depthwiseBytes(g));
      return;
    }
    if (isWinograd(side)) {
      const { across, most } = winogradRun(side);
      const wide = Math.ceil(channels / 8) * 8;
      const tiles = Math.ceil((most * across) / 4) * 4;
      need.panels = Math.max(need.panels, 36 * wide * depth * 4);
      need.scratch = Math.max(need.scratch, 16 + 4 * ((most * 4 + 2) * (across * 4 + 2) * depth + 36 * (tiles * (depth + wide) + 2 * PLANE_PADDING)));
      return;
    }
    need.panels = Math.max(need.panels, g.groups * Math.ceil(channels / 8) * g.kh * g.kw * depth * 32);
    need.scratch = Math.max(need.scratch, windowBytes(side));
  };
  for (const step of steps) {
    if (step.op === "conv2d") conv(step.geometry, false);
    if (step.op === "conv2dInputGrad") conv(step.geometry, true);
    if (step.op === "conv2dFilterGrad") {
      const g = step.geometry;
      const partial = { panels: 4 * FILTER_PARTS * padded(kernelSize(g)), scratch: isDepthwise(g) ? depthwiseBytes(g) : windowBytes(g) };
      const own = isWinograd(g) ? winogradFilterNeed(g, threads) : partial;
      need.panels = Math.max(need.panels, own.panels);
      need.scratch = Math.max(need.scratch, own.scratch);
    }
    if (step.op === "klDivergence") need.scratch = Math.max(need.scratch, step.columns * 8 + 64);
  }
  need.scratch = Math.ceil(need.scratch / 64) * 64;
  return need;
}
