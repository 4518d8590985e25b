/** `brecq-lab plan`: an experiment as trials that many machines do, with what hands them to a scheduler. `run` does them, `merge` makes the table. */
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { version } from "../../package.json";
import { BadInput } from "../base/errors";
import { PlanFolder } from "../node/plan-folder";
import { writeWhole } from "../node/whole-file";
import { InputCache } from "../session/inputs/cache";
import { withOrigins } from "../session/inputs/origins";
import { planOf } from "../session/trials/plan";
import { schedulerFiles } from "../session/trials/schedulers";
import { isWebAddress } from "../session/web/address";
import { type CompareOptions, experimentOf } from "./compare";
import { sourcesOf } from "./inputs";
import { inputOf } from "./model-input";
import { withPreset } from "./preprocessing";

export interface PlanOptions extends CompareOptions {
  readonly shards?: number;
}

/** @throws BadInput for an experiment that is none, files that do not fit, or a folder that holds another plan */
export async function plan(name: string, given: PlanOptions): Promise<void> {
  const options = await withPreset(given, () => inputOf(given.model, given));
  const { out, shards = null } = options;
  if (!out) throw new BadInput("plan writes trials for other machines: say where with --out DIR.");
  if (shards !== null && !(Number.isInteger(shards) && shards >= 1)) throw new BadInput(`--shards ${shards} is no whole number of 1 or more.`);
  const experiment = await experimentOf(name, options);
  const sources = await sourcesOf(options.model, options);
  const named = withOrigins(experiment.recipe, sources);
  const recipe = await new InputCache().withHashes(named, sources);
  const where = { model: placeOf(options.model), calibration: placeOf(options.calibration), evaluate: placeOf(options.evaluate) };
  const made = await planOf({ ...experiment, recipe }, where, shards);
  const folder = new PlanFolder(resolve(out));
  await checkFolder(
    folder,
    made.trials.map((trial) => trial.name),
  );
  await folder.write(made);
  const files = schedulerFiles(made, folder.path, version);
  for (const file of files) await writeWhole(join(folder.path, file.name), file.text);
  const count = made.trials.length;
  console.log(`${count} ${count === 1 ? "trial" : "trials"} in ${folder.path}. To do them, one of:

  npx brecq-lab run ${out}                here, and in as many terminals or machines as you like
${files.map(({ use }) => `  (cd ${out} && ${use})`).join("\n")}

Then: npx brecq-lab merge ${out}`);
  if (made.experiment.recipe.device === "webgpu")
    console.error("Note: on the device webgpu results are those of one adapter; for the same bits on every machine plan with --device wasm.");
}

/** A path as it is from anywhere on this machine; an address as it is. */
function placeOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  return isWebAddress(text) ? text : resolve(text);
}

/** A folder that holds another plan's reports is not mixed with this one. */
async function checkFolder(folder: PlanFolder, names: readonly string[]): Promise<void> {
  const known = await readdir(folder.path).catch((): string[] => []);
  if (!known.includes("plan.json")) return;
  const old = await folder.read().catch(() => null);
  if (old?.trials.some(({ name }) => names.includes(name))) return;
  throw new BadInput(`${folder.path} holds another plan; name another folder, or remove it.`);
}
