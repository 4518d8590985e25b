/**
 * What recording an iteration costs in the browser, where the lab lives: a Chromium records as many dispatches
 * as our program has, with the same calls. In Node each call also crosses dawn's binding.
 */
import { chromium } from "@playwright/test";
import { findBrowser } from "../../scripts/browser.mjs";
import type { Report } from "../result";

const ITERATIONS = 200;
const ROUNDS = 15;

/** Runs in the page: microseconds to record an iteration, round by round. */
async function record({ dispatches, iterations, rounds }: { dispatches: number; iterations: number; rounds: number }): Promise<number[] | null> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return null;
  const gpu = await adapter.requestDevice();
  const commands = Array.from({ length: dispatches }, (_, i) => {
    const code = `@group(0) @binding(0) var<storage, read_write> x: array<u32>;\n@compute @workgroup_size(1) fn main() { x[0] += ${i}u; }`;
    const pipeline = gpu.createComputePipeline({ layout: "auto", compute: { module: gpu.createShaderModule({ code }), entryPoint: "main" } });
    const buffer = gpu.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
    return { pipeline, bindGroup: gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [{ binding: 0, resource: { buffer } }] }) };
  });
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < iterations; i++)
      for (const { pipeline, bindGroup } of commands) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(1, 1, 1);
      }
    pass.end();
    encoder.finish();
    times.push(((performance.now() - start) * 1000) / iterations);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return times;
}

export async function checkBrowser(report: Report, dispatches: number): Promise<void> {
  const name = `${dispatches} dispatches in Chromium: microseconds of JavaScript to record an iteration, median`;
  const executablePath = findBrowser();
  if (!executablePath) return report.check(name, "no Chromium on this machine");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--enable-unsafe-webgpu"] });
  try {
    const page = await browser.newPage();
    // WebGPU wants a secure context: a page of localhost, made up.
    await page.route("http://localhost/", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
    await page.goto("http://localhost/");
    const times = await page.evaluate(record, { dispatches, iterations: ITERATIONS, rounds: ROUNDS });
    if (!times) return report.check(name, "no WebGPU in this Chromium");
    report.check(name, Number((times.sort((a, b) => a - b)[Math.floor(times.length / 2)] as number).toFixed(1)));
  } finally {
    await browser.close();
  }
}
