/** Where the values of two quantities lie in a plot of a search, and its ticks. */
import { linearScale, linearTicks, logDomain, logScale, logTicks } from "../../charts/axes";
import type { PlotLayout, PlotSize } from "../../charts/plot-axes";

/** A plot that is also read by pointing at it. */
export interface ReadPlot extends PlotLayout {
  /** The value at a position in pixels. */
  xAt(pixel: number): number;
}

/** @param logarithmic whether the vertical axis is */
export function plotLayout({ width, height, text }: PlotSize, xs: readonly number[], ys: readonly number[], logarithmic: boolean): ReadPlot {
  const [left, right, top, bottom] = [4.9 * text, width - 0.9 * text, 0.8 * text, height - 3.2 * text];
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const pad = 0.03 * (high - low || 1);
  const domain = [low - pad, high + pad] as const;
  const known = ys.filter((value) => Number.isFinite(value) && (!logarithmic || value > 0));
  const margin = 0.06 * (Math.max(...known) - Math.min(...known) || 1);
  const own = logarithmic ? logDomain(Math.min(...known), Math.max(...known)) : ([Math.min(...known) - margin, Math.max(...known) + margin] as const);
  return {
    ...{ left, right, top, bottom },
    x: linearScale(domain, [left, right]),
    y: logarithmic ? logScale(own, [bottom, top]) : linearScale(own, [bottom, top]),
    ticks: {
      x: linearTicks(domain, Math.max(2, Math.floor((right - left) / (5.5 * text)))),
      y: logarithmic ? logTicks(own, Math.max(3, Math.floor((bottom - top) / (2.2 * text)))) : linearTicks(own, 5),
    },
    xAt: (pixel) => Math.min(high, Math.max(low, domain[0] + ((pixel - left) / (right - left)) * (domain[1] - domain[0]))),
  };
}
