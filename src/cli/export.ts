/** `--export FILE`: which files a run should write, seen before it starts, and written when it is done. */
import { stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { EXPORTERS } from "../export";
import { artifactOf, type ExportedSensitivity, type QuantizedArtifact } from "../export/artifact";
import { EXPORT_CATALOG, EXPORT_KINDS, exportKindOf } from "../export/catalog";
import type { RunOptions } from "../session/run/run";
import { checkWritable } from "./files";

export interface PlannedExports {
  /** Takes the network of the run. */
  readonly keep: NonNullable<RunOptions["keep"]>;
  /** Writes all files and says so, a line each. */
  write(sensitivity?: ExportedSensitivity): Promise<void>;
}

/** The endings and what they stand for. */
export function exportText(): string {
  return EXPORT_KINDS.map((kind) => `${EXPORT_CATALOG[kind].extensions.join(" or ")} (${EXPORT_CATALOG[kind].title})`).join(", ");
}

/** @throws BadInput for an ending that names no kind, or a file that cannot be written */
export async function planExports(paths: readonly string[]): Promise<PlannedExports> {
  const planned = paths.map((path) => ({ path, ...exportKindOf(path) }));
  for (const path of paths) await checkWritable(path);
  let artifact: QuantizedArtifact | null = null;
  return {
    keep: (network, report, evidence) => {
      artifact = artifactOf(network, report, evidence);
    },
    async write(sensitivity) {
      for (const { path, kind, base } of planned) {
        if (!artifact) throw new Error("There is no quantized network to export");
        const files = await EXPORTERS[kind]({ ...artifact, sensitivity: sensitivity ?? null }, { name: basename(base) });
        // The main file has the name that was asked for, others lie beside it.
        for (const [i, { name, bytes }] of files.entries()) {
          const target = i === 0 ? path : join(dirname(path), name);
          await writeFile(target, bytes);
          console.log(`${EXPORT_CATALOG[kind].title}: ${target}, ${sizeText((await stat(target)).size)}`);
        }
      }
    },
  };
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}
