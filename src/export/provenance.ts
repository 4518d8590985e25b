/**
 * What a file says of the run that it comes from, in whatever format: recipe and fingerprint, so that the run can be had again and compared, and
 * its few numbers. The same run writes the same everywhere: of the wasm device nothing is said but that it was it, since how many threads
 * it had changes no bit; a GPU is named.
 */
import type { QuantizedArtifact } from "./artifact";

export interface ProvenanceFields {
  readonly recipe: QuantizedArtifact["recipe"];
  readonly fingerprint: QuantizedArtifact["report"]["fingerprint"];
  readonly accuracy: QuantizedArtifact["report"]["accuracy"];
  readonly evaluatedOn: QuantizedArtifact["report"]["evaluatedOn"];
  readonly device: { readonly kind: "wasm" | "webgpu"; readonly description: string };
  readonly size?: { readonly fullPrecision: number; readonly quantized: number };
  readonly arithmetic?: number;
}

export function provenanceOf({ recipe, report }: Pick<QuantizedArtifact, "recipe" | "report">): ProvenanceFields {
  const { fingerprint, accuracy, evaluatedOn, device, size, arithmetic } = report;
  return {
    ...{ recipe, fingerprint, accuracy, evaluatedOn },
    device: { kind: device.kind, description: device.kind === "wasm" ? "WebAssembly" : device.description },
    ...(size === undefined ? {} : { size }),
    ...(arithmetic === undefined ? {} : { arithmetic }),
  };
}
