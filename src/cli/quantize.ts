/** `quantize`: one run of a recipe, its report and exports; with `--checkpoint` kept on its way, with `--resume` gone on with. */
import { writeFile } from "node:fs/promises";
import { BadInput, Cancelled } from "../base/errors";
import { type CheckpointFolder, checkpointFolder } from "../node/checkpoint-folder";
import { HOST_MEMORY, openDevice } from "../node/device";
import { withOrigins } from "../session/inputs/origins";
import { runRecipe } from "../session/run/run";
import { planExports } from "./export";
import { checkWritable } from "./files";
import { readRecipe, sourcesOf } from "./inputs";
import { inputOf } from "./model-input";
import { type QuantizeOptions, recipeOf } from "./options";
import { withPreset } from "./preprocessing";
import { summary, TerminalProgress } from "./terminal";

/** @throws BadInput where the options do not fit each other */
function checkpointsOf({ checkpoint, resume = false, checkpointEvery = 60 }: QuantizeOptions): CheckpointFolder | null {
  if (!checkpoint && resume) throw new BadInput("--resume needs --checkpoint DIR, the folder that the run was begun with.");
  if (!(checkpointEvery >= 0)) throw new BadInput(`--checkpoint-every ${checkpointEvery} is no number of seconds; give 0 or more.`);
  return checkpoint ? checkpointFolder(checkpoint, resume, checkpointEvery * 1000) : null;
}

/** @throws BadInput, Cancelled, ProofFailed */
export async function quantize(model: string | undefined, given: QuantizeOptions): Promise<void> {
  const options = await withPreset(given, () => inputOf(model, given));
  const named = recipeOf(model, options, await readRecipe(options.recipe));
  await checkWritable(options.out);
  const exports = await planExports(options);
  const sources = await sourcesOf(model, options);
  const recipe = withOrigins(named, sources);
  const checkpoints = checkpointsOf(options);
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  const progress = new TerminalProgress(process.stderr);
  try {
    const report = await runRecipe({
      recipe,
      sources,
      openDevice: () => openDevice(recipe),
      emit: (event) => progress.handle(event),
      signal: controller.signal,
      hostMemory: HOST_MEMORY,
      keep: exports.keep,
      ...(checkpoints ? { checkpoints } : {}),
    });
    progress.stop();
    if (options.out) await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    console.log(summary(report));
    await exports.write();
    await checkpoints?.clear();
  } catch (error) {
    progress.stop();
    if (error instanceof Cancelled && checkpoints?.opened)
      console.error(`What is done is kept in ${checkpoints.opened}; the same command with --resume goes on.`);
    throw error;
  } finally {
    progress.stop();
  }
}
