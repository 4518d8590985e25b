/** `--export FILE`: which files a run should write, seen before it starts, written when it is done, and proved. */
import { stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BadInput } from "../base/errors";
import { EXPORTERS } from "../export";
import { artifactOf, type ExportedSensitivity, type QuantizedArtifact } from "../export/artifact";
import { EXPORT_CATALOG, EXPORT_KINDS, exportKindOf, ONNX_CONTAINERS } from "../export/catalog";
import type { NamedRuntime, OnnxRuntime } from "../export/proof/runtime";
import type { RunOptions } from "../session/run/run";
import { checkWritable } from "./files";
import { sizeText } from "./terminal";

export interface PlannedExports {
  /** Takes the network of the run. */
  readonly keep: NonNullable<RunOptions["keep"]>;
  /** Writes all files, says so, a line each, and proves those that a runtime reads. @throws ProofFailed once all are written */
  write(sensitivity?: ExportedSensitivity): Promise<void>;
}

export interface ExportFlags {
  readonly export: readonly string[];
  readonly onnxContainer?: string;
  /** False for --no-proof. */
  readonly proof?: boolean;
}

/** An exported file does not give the network that was quantized; the message is for the person. */
export class ProofFailed extends Error {
  override name = "ProofFailed";
}

/** The endings and what they stand for. */
export function exportText(): string {
  return EXPORT_KINDS.map((kind) => `${EXPORT_CATALOG[kind].extensions.join(" or ")} (${EXPORT_CATALOG[kind].title})`).join(", ");
}

/** @throws BadInput for an ending that names no kind, a file that cannot be written, or an unknown container */
export async function planExports({ export: paths, onnxContainer, proof = true }: ExportFlags): Promise<PlannedExports> {
  const planned = paths.map((path) => ({ path, ...exportKindOf(path) }));
  const container = ONNX_CONTAINERS.find((name) => name === onnxContainer);
  if (onnxContainer !== undefined && !container)
    throw new BadInput(`--onnx-container ${onnxContainer} is unknown; choose ${ONNX_CONTAINERS.join(", ")}.`);
  if (container && !planned.some(({ kind }) => kind === "onnx"))
    throw new BadInput("--onnx-container says how --export FILE.onnx stores weights; give such a file too.");
  for (const path of paths) await checkWritable(path);
  const runtime = proof && planned.some(({ kind }) => kind === "onnx") ? await onnxRuntime() : null;
  let artifact: QuantizedArtifact | null = null;
  return {
    keep: (network, report, evidence) => {
      artifact = artifactOf(network, report, evidence);
    },
    async write(sensitivity) {
      const failures: string[] = [];
      for (const { path, kind, base } of planned) {
        if (!artifact) throw new Error("There is no quantized network to export");
        const given = { name: basename(base), ...(container ? { onnxContainer: container } : {}) };
        const files = await EXPORTERS[kind]({ ...artifact, sensitivity: sensitivity ?? null }, given);
        // The main file has the name that was asked for, others lie beside it.
        for (const [i, { name, bytes }] of files.entries()) {
          const target = i === 0 ? path : join(dirname(path), name);
          await writeFile(target, bytes);
          console.log(`${EXPORT_CATALOG[kind].title}: ${target}, ${sizeText((await stat(target)).size)}`);
        }
        const failure = kind === "onnx" && runtime ? await prove(artifact, files[0]?.bytes as Uint8Array, runtime) : null;
        if (failure) failures.push(`${path}: ${failure}`);
      }
      if (failures.length > 0) throw new ProofFailed(failures.join("\n"));
    },
  };
}

/** Proves an ONNX file and says what came out; returns what is wrong with it, or null. */
async function prove({ network, evidence }: QuantizedArtifact, bytes: Uint8Array, runtime: NamedRuntime): Promise<string | null> {
  const [{ proveOnnx }, { verdict, measurements }] = await Promise.all([import("../export/proof/onnx"), import("../export/proof/text")]);
  try {
    const proof = await proveOnnx({ bytes, network, evidence, runtime });
    if (proof.passed) console.log(`  ${verdict(proof)}`);
    for (const line of measurements(proof)) console.log(`  ${line}`);
    return proof.passed ? null : verdict(proof);
  } catch (error) {
    return `${runtime.name} refuses the exported file: ${error instanceof Error ? error.message : error}`;
  }
}

/** onnxruntime for Node, an optional package; null, said on the way, where it is not installed. */
async function onnxRuntime(): Promise<NamedRuntime | null> {
  try {
    return { name: "onnxruntime-node", runtime: (await import("onnxruntime-node")) as unknown as OnnxRuntime };
  } catch {
    console.error(
      "The exported ONNX file will not be proved: that needs the package onnxruntime-node (npm install onnxruntime-node). --no-proof leaves the proof out.",
    );
    return null;
  }
}
