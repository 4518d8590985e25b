/** `quantize`: one run of a recipe, its report and exports; with `--checkpoint` kept on its way, with `--resume` gone on with. */
import { writeFile } from "node:fs/promises";
import { HOST_MEMORY, openDevice } from "../node/device";
import { withOrigins } from "../session/inputs/origins";
import { runRecipe } from "../session/run/run";
import { checkpointsOf, forget, sayHowToGoOn } from "./checkpoints";
import { planExports } from "./export";
import { checkWritable } from "./files";
import { readRecipe, sourcesOf } from "./inputs";
import { inputOf } from "./model-input";
import { type QuantizeOptions, recipeOf } from "./options";
import { withPreset } from "./preprocessing";
import { summary, TerminalProgress } from "./terminal";

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
    await forget(checkpoints, options);
  } catch (error) {
    progress.stop();
    sayHowToGoOn(error, checkpoints);
    throw error;
  } finally {
    progress.stop();
  }
}
