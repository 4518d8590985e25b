/** `--export FILE`: which files a run should write, seen before it starts, written when it is done, and proved. */
import { stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { zipSync } from "fflate";
import { BadInput } from "../base/errors";
import { EXPORTERS } from "../export";
import { artifactOf, type Evidence, type ExportedFile, type ExportedSensitivity, type QuantizedArtifact } from "../export/artifact";
import { EXPORT_CATALOG, type ExportKind, exportKindOf, ONNX_CONTAINERS } from "../export/catalog";
import type { ProofRuntime } from "../export/proof/prove";
import { sizeText } from "../export/proof/text";
import type { QuantizedNetwork } from "../quantize/methods/method";
import type { Report } from "../session/run/report";
import { checkWritable } from "./files";
import { openRuntimes } from "./runtimes";

export interface PlannedExports {
  /** Takes the network of the run. */
  keep(network: QuantizedNetwork, report: Report, evidence: Evidence): void;
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

/** @throws BadInput for an ending that names no kind, a file that cannot be written, or an unknown container */
export async function planExports({ export: paths, onnxContainer, proof = true }: ExportFlags): Promise<PlannedExports> {
  const planned = paths.map((path) => ({ path, ...exportKindOf(path) }));
  const container = ONNX_CONTAINERS.find((name) => name === onnxContainer);
  if (onnxContainer !== undefined && !container)
    throw new BadInput(`--onnx-container ${onnxContainer} is unknown; choose ${ONNX_CONTAINERS.join(", ")}.`);
  if (container && !planned.some(({ kind }) => kind === "onnx"))
    throw new BadInput("--onnx-container says how --export FILE.onnx stores weights; give such a file too.");
  for (const path of paths) await checkWritable(path);
  const runtimes = proof ? await openRuntimes(new Set(planned.map(({ kind }) => kind))) : new Map<ExportKind, ProofRuntime>();
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
        // The main file has the name that was asked for, others lie beside it; or all are in one zip.
        const written = path.toLowerCase().endsWith(".zip") ? [zipped(files)] : files;
        for (const [i, { name, bytes }] of written.entries()) {
          const target = i === 0 ? path : join(dirname(path), name);
          await writeFile(target, bytes);
          console.log(`${EXPORT_CATALOG[kind].title}: ${target}, ${sizeText((await stat(target)).size)}`);
        }
        const runtime = runtimes.get(kind);
        const failure = runtime ? await proveFiles(artifact, files, runtime) : null;
        if (failure) failures.push(`${path}: ${failure}`);
      }
      if (failures.length > 0) throw new ProofFailed(failures.join("\n"));
    },
  };
}

function zipped(files: readonly ExportedFile[]): Pick<ExportedFile, "name" | "bytes"> {
  return { name: "", bytes: zipSync(Object.fromEntries(files.map(({ name, bytes }) => [name, bytes]))) };
}

/** Proves exported files and says what came out; returns what is wrong with them, or null. */
async function proveFiles({ network, evidence }: QuantizedArtifact, files: readonly ExportedFile[], runtime: ProofRuntime): Promise<string | null> {
  const [{ prove }, { verdict, measurements }] = await Promise.all([import("../export/proof/prove"), import("../export/proof/text")]);
  try {
    const proof = await prove({ files, network, evidence, runtime });
    if (proof.passed) console.log(`  ${verdict(proof)}`);
    for (const line of measurements(proof)) console.log(`  ${line}`);
    return proof.passed ? null : verdict(proof);
  } catch (error) {
    return `${runtime.name} refuses the exported file: ${error instanceof Error ? error.message : error}`;
  }
}
