/** The runtimes that prove exported files; whoever lacks one is told so before the run. */
import { BadInput } from "../base/errors";
import type { ExportKind } from "../export/catalog";
import type { ProofRuntime } from "../export/proof/prove";
import { RUNTIMES } from "../node/runtimes";

/** Those for some kinds of exports, by kind; none for kinds that no runtime reads. */
export async function openRuntimes(kinds: ReadonlySet<ExportKind>): Promise<Map<ExportKind, ProofRuntime>> {
  const opened = new Map<ExportKind, ProofRuntime>();
  for (const kind of kinds) {
    try {
      const runtime = await RUNTIMES[kind]?.((text) => console.error(text));
      if (runtime) opened.set(kind, runtime);
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      console.error(`What is exported will not be proved. ${error.message} --no-proof leaves the proof out.`);
    }
  }
  return opened;
}
