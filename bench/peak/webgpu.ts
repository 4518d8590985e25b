/**
 * What the adapter reaches in WGSL: every invocation computes an 8x8 tile of a matrix product in registers
 * from packed panels so small that they stay in the nearest cache.
 */
import type { Timed } from "../compare";

const DEPTH = 256;
const WORKGROUP = 64;

const ROWS = Array.from({ length: 8 }, (_, i) => i);
const SHADER = `@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  ${ROWS.map((i) => `var s${i} = vec4f(); var t${i} = vec4f();`).join("\n  ")}
  for (var k = 0u; k < ${DEPTH * 2}u; k += 2u) {
    let a0 = a[k]; let a1 = a[k + 1u]; let b0 = b[k]; let b1 = b[k + 1u];
    ${ROWS.map((i) => `s${i} = fma(vec4f(a${i >> 2}[${i & 3}]), b0, s${i}); t${i} = fma(vec4f(a${i >> 2}[${i & 3}]), b1, t${i});`).join("\n    ")}
  }
  c[id.x] = ${ROWS.map((i) => `s${i} + t${i}`).join(" + ")};
}`;

/** The rate's measure: an iteration is one dispatch over `groups` workgroups. */
export function gpuPeak(gpu: GPUDevice, groups: number): { timed: Timed; flops: number } {
  const invocations = groups * WORKGROUP;
  const buffer = (words: number) => gpu.createBuffer({ size: words * 4, usage: GPUBufferUsage.STORAGE });
  const buffers = [buffer(DEPTH * 8), buffer(DEPTH * 8), buffer(invocations * 4)];
  const pipeline = gpu.createComputePipeline({ layout: "auto", compute: { module: gpu.createShaderModule({ code: SHADER }), entryPoint: "main" } });
  const entries = buffers.map((resource, binding) => ({ binding, resource: { buffer: resource } }));
  const bindGroup = gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const timed: Timed = {
    async time(iterations) {
      const start = performance.now();
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      for (let i = 0; i < iterations; i++) pass.dispatchWorkgroups(groups);
      pass.end();
      gpu.queue.submit([encoder.finish()]);
      await gpu.queue.onSubmittedWorkDone();
      return (performance.now() - start) / iterations;
    },
    dispose() {
      for (const each of buffers) each.destroy();
    },
  };
  return { timed, flops: invocations * DEPTH * 8 * 8 * 2 };
}
