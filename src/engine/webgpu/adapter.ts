/** What an adapter says of itself; apart from the device, which is loaded only where it is used. */

export function describeAdapter(info: GPUAdapterInfo): string {
  return info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(" ") || "unnamed adapter";
}

/** Whether an adapter computes on the CPU, where the wasm device is faster. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(`${describeAdapter(info)} ${info.architecture}`);
}
