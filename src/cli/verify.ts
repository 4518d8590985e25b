/** `brecq-lab verify`: has the result of a link, or of a file that the lab made, again, and says whether it came out the same. */
import { stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { BadInput } from "../base/errors";
import { EXPORTERS } from "../export";
import { artifactOf, type QuantizedArtifact } from "../export/artifact";
import { builtinModel } from "../node/builtin";
import { HOST_MEMORY, openDevice } from "../node/device";
import { readGiven } from "../node/files";
import { InputCache } from "../session/inputs/cache";
import { sizeAfter } from "../session/inputs/load";
import type { FileRole, GivenFiles, Sources } from "../session/inputs/sources";
import { viewNetwork } from "../session/network/build";
import type { Recipe } from "../session/recipe/recipe";
import { runRecipe } from "../session/run/run";
import { ARITHMETIC_VERSION } from "../session/share/arithmetic";
import { compareResults, differenceText, TOLERANCE } from "../session/share/compare";
import { readLink } from "../session/share/link";
import { sameWeights } from "../session/share/payload";
import { hasPayload } from "../session/share/payload-kinds";
import { type Provenance, readProvenance } from "../session/share/provenance";
import { accessToBytes } from "../session/share/random-access";
import type { SharedRun } from "../session/share/shared";
import { withWidths } from "../session/share/widths";
import { checkWritable } from "./files";
import { summary, TerminalProgress } from "./terminal";
import { readImagesInput, readModelInput, type WebOptions } from "./web";

export interface VerifyOptions extends WebOptions {
  readonly model?: string;
  readonly calibration?: string;
  readonly evaluate?: string;
  readonly fetch?: boolean;
  readonly device?: string;
  readonly threads?: number;
  readonly out?: string;
}

/** A result did not come out the same; the message is for the person. */
export class NotReproduced extends Error {
  override name = "NotReproduced";
}

/** @throws NotReproduced once all is told; BadInput for what is no link and no file of the lab's, or where files are missing */
export async function verify(what: string, options: VerifyOptions): Promise<void> {
  const { run: opened, file } = await open(what);
  if (!opened.fingerprint)
    throw new BadInput(
      `${shown(what)} holds settings and no result to compare with; save them as recipe.json and run them by "brecq-lab quantize --recipe".`,
    );
  await checkWritable(options.out);
  const sources = await sourcesFor(opened.recipe, options);
  const inputs = new InputCache();
  const run = opened.widths ? withWidths(opened, await layersOf(opened.recipe, sources, inputs)) : opened;
  const recipe: Recipe = {
    ...run.recipe,
    ...{ threads: options.threads ?? null, memory: null, diagnose: false },
    ...(options.device === undefined ? {} : { device: deviceOf(options.device) }),
  };
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  const progress = new TerminalProgress(process.stderr);
  let artifact: QuantizedArtifact | null = null;
  try {
    const report = await runRecipe({
      ...{ recipe, sources, inputs, signal: controller.signal, hostMemory: HOST_MEMORY },
      openDevice: () => openDevice(recipe),
      emit: (event) => progress.handle(event),
      keep: (network, kept, evidence) => {
        artifact = artifactOf(network, kept, evidence);
      },
    });
    progress.stop();
    if (options.out) await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    console.log(summary(report));
    tell(run, report);
    if (file && artifact) await tellWeights(file, artifact);
  } finally {
    progress.stop();
  }
}

interface OpenedFile extends Provenance {
  readonly path: string;
}

async function open(what: string): Promise<{ readonly run: SharedRun; readonly file: OpenedFile | null }> {
  const at = what.indexOf("#");
  const link = at >= 0 ? await readLink(what.slice(at)) : null;
  if (link) return { run: link, file: null };
  if (/^https?:/.test(what)) throw new BadInput("The address holds no shared run after its #; take the whole link, in quotes.");
  const [first] = await (await readGiven(what)).read();
  const found = first && (await readProvenance(first.path, accessToBytes(first.bytes)));
  if (!found) throw new BadInput(`${what} does not say which run of the lab made it; give a share link, or a file that the lab exported.`);
  return { run: found.run, file: { ...found, path: what } };
}

const shown = (what: string) => (what.includes("#") ? "The link" : what);

function deviceOf(text: string): Recipe["device"] {
  if (text === "auto" || text === "wasm" || text === "webgpu") return text;
  throw new BadInput(`--device ${text} is unknown; choose auto, wasm or webgpu.`);
}

/** All files that the recipe names. No host is asked unless the person says so. @throws BadInput that names all that are missing */
async function sourcesFor(recipe: Recipe, options: VerifyOptions): Promise<Sources> {
  const roles = [
    ["model", recipe.model, options.model, "--model"],
    ["calibration", recipe.calibration, options.calibration, "--calibration"],
    ["evaluation", recipe.evaluation, options.evaluate, "--evaluate"],
  ] as const satisfies readonly (readonly [FileRole, unknown, string | undefined, string])[];
  const missing = roles.flatMap(([, files, path, option]) => {
    if (!files || files.kind === "builtin" || path || (files.from && options.fetch)) return [];
    const hash = files.sha256 ? `, sha256 ${files.sha256.slice(0, 12)}…` : "";
    return [`  ${files.name}${hash}: give ${option} PATH${files.from ? `, or --fetch to ask for ${files.from}` : ""}`];
  });
  if (missing.length > 0) throw new BadInput(`The result needs files that were not given:\n${missing.join("\n")}`);
  const given: Partial<Record<FileRole, GivenFiles>> = {};
  for (const [role, files, path] of roles) {
    const address = files && files.kind !== "builtin" ? (path ?? files.from) : undefined;
    if (!files || files.kind === "builtin" || !address) continue;
    const count = "count" in files ? (files.count ?? undefined) : undefined;
    given[role] = role === "model" ? await readModelInput(address, options) : await readImagesInput(address, options, count);
  }
  return { builtinModel, model: given.model ?? null, calibration: given.calibration ?? null, evaluation: given.evaluation ?? null };
}

/** The names of the network's layers, by which widths of a link are given. */
async function layersOf(recipe: Recipe, sources: Sources, inputs: InputCache): Promise<string[]> {
  const { graph } = await inputs.loadModel(recipe.model, sources, sizeAfter(recipe.preprocessing));
  return viewNetwork(graph, "layer").units.flatMap(({ layers }) => layers.map(({ id }) => id));
}

function tell(run: SharedRun, report: Parameters<typeof compareResults>[1]): void {
  const comparison = compareResults(run, report);
  if (!comparison) return;
  if (comparison.kind === "reproduced") return console.log("Reproduced: accuracy, every unit's loss and every rounding decision are the same.");
  const differences = comparison.differences.map((difference) => `  ${differenceText(difference)}`).join("\n");
  const devices =
    "devices" in comparison
      ? `Computed on ${comparison.devices.expected?.description ?? "an unnamed device"}, here on ${comparison.devices.actual.description}.\n`
      : "";
  if (comparison.kind === "within")
    return console.log(
      `Reproduced within tolerance (${TOLERANCE.points} percentage points, ${100 * TOLERANCE.loss} % of a loss), as another device computes:\n${devices}${differences}`,
    );
  throw new NotReproduced(
    comparison.kind === "otherArithmetic"
      ? `Computed with version ${comparison.version} of the lab's arithmetic; this lab computes with version ${ARITHMETIC_VERSION}. What came out otherwise:\n${differences}`
      : `Not the same:\n${devices}${differences}`,
  );
}

async function tellWeights({ kind, container, path }: OpenedFile, artifact: QuantizedArtifact): Promise<void> {
  if (!hasPayload(kind)) return;
  const isJson = /\.json$/i.test(path);
  // Of a TF.js model the weights lie beside its JSON; of packed weights the JSON alone holds none.
  if (isJson && kind === "safetensors") return;
  const given = isJson ? await besides(path) : await (await readGiven(path)).read();
  const exported = await EXPORTERS[kind](artifact, { name: "export", onnxContainer: container });
  if (!(await sameWeights(kind, given, exported)))
    throw new NotReproduced(`The weights in ${path} are not those of this run: the file was changed after it was exported.`);
  console.log(`The weights in ${path} are, byte for byte, those of this run.`);
}

/** A TF.js model's folder. */
async function besides(path: string): Promise<Awaited<ReturnType<GivenFiles["read"]>>> {
  const folder = path.slice(0, path.length - basename(path).length) || ".";
  if (!(await stat(folder)).isDirectory()) return [];
  return (await readGiven(folder)).read();
}
