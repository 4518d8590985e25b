/**
 * How much of the machine the convolutions use: each of the three alone, as a Program of one step, in turns
 * with the matrix product that measures the peak. Rates count the direct algorithm's operations; Winograd's
 * does fewer, so that its share may pass 100 %.
 */
import type { Device } from "../../src/engine/device";
import { ProgramBuilder } from "../../src/engine/program";
import { type Geometry, kernelSize, type Step } from "../../src/engine/steps";
import { compare, type Pace, type Timed } from "../compare";
import type { Cores } from "../cores";
import type { Report } from "../result";
import { BATCH, timed } from "../works";

function square(size: number, c: number, k: number, kernel: number): Geometry {
  const half = (kernel - 1) / 2;
  return { n: BATCH, h: size, w: size, c, oh: size, ow: size, k, kh: kernel, kw: kernel, sh: 1, sw: 1, dh: 1, dw: 1, pt: half, pl: half, groups: 1 };
}

const SHAPES: readonly { readonly name: string; readonly geometry: Geometry }[] = [
  { name: "3x3, 16x32x32", geometry: square(32, 16, 16, 3) },
  { name: "3x3, 32x16x16", geometry: square(16, 32, 32, 3) },
  { name: "3x3, 64x8x8", geometry: square(8, 64, 64, 3) },
  { name: "3x3, 64x56x56", geometry: square(56, 64, 64, 3) },
  { name: "1x1, 96 to 576 at 14x14", geometry: square(14, 96, 576, 1) },
];

const STEPS: readonly { readonly name: string; readonly step: (geometry: Geometry) => Step }[] = [
  { name: "forward", step: (geometry) => ({ op: "conv2d", x: "x", w: "w", bias: null, residual: null, out: "y", geometry, clamp: null }) },
  { name: "input gradient", step: (geometry) => ({ op: "conv2dInputGrad", dout: "y", w: "w", dx: "x", geometry, accumulate: false, mask: null }) },
  { name: "kernel gradient", step: (geometry) => ({ op: "conv2dFilterGrad", x: "x", dout: "y", dw: "dw", geometry }) },
];

async function alone(device: Device, geometry: Geometry, step: Step): Promise<Timed> {
  const builder = new ProgramBuilder();
  builder.host("x", BATCH * geometry.h * geometry.w * geometry.c);
  builder.host("y", BATCH * geometry.oh * geometry.ow * geometry.k);
  builder.host("w", kernelSize(geometry));
  builder.host("dw", kernelSize(geometry));
  builder.step(step);
  const executable = await device.compile(builder.build(), new Map());
  for (const name of ["x", "y", "w"]) executable.write(name, new Float32Array(builder.size(name)).fill(0.5));
  return timed(executable);
}

export interface Peak {
  readonly timed: Timed;
  /** Floating-point operations of one iteration. */
  readonly flops: number;
  /** How many times the peak the device may reach: its threads. */
  readonly times: number;
}

/** Rates of every shape and step on a device, as shares of the peak; shapes of more than `mostFlops` operations are named and left out. */
export async function checkConvolutions(
  report: Report,
  label: string,
  device: Device,
  peak: Peak,
  pace: Pace,
  cores: Cores | null,
  mostFlops: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  const peaks: number[] = [];
  for (const { name, geometry } of SHAPES) {
    const flops = 2 * BATCH * geometry.oh * geometry.ow * kernelSize(geometry);
    if (flops > mostFlops) {
      report.check(`${name}, ${label}`, "left out: too long on a software adapter");
      continue;
    }
    for (const { name: part, step } of STEPS) {
      const ours = await alone(device, geometry, step(geometry));
      await ours.time(1);
      await peak.timed.time(1);
      const result = await compare(ours, peak.timed, pace, cores);
      ours.dispose();
      const share = ((flops / peak.flops) * result.ratio * 100) / peak.times;
      peaks.push(peak.flops / result.theirs / 1e6);
      report.check(`${name}, ${part}, ${label}: GFLOP/s`, Number((flops / result.ours / 1e6).toFixed(1)));
      report.check(`${name}, ${part}, ${label}: % of the peak`, Number(share.toFixed(0)));
    }
  }
  report.check(`Matrix product peak, ${label}: GFLOP/s`, Number((Math.max(...peaks) * peak.times).toFixed(1)));
}
