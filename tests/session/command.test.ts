/** The line that the page shows for the command line means the recipe that it was made from. */
import { execFileSync } from "node:child_process";
import { Command } from "commander";
import { expect, test } from "vitest";
import { Random } from "../../src/base/random";
import { number, numbers, type QuantizeOptions, recipeOf } from "../../src/cli/options";
import { METHOD_NAMES } from "../../src/quantize/methods/catalog";
import { LOSS_KINDS, SCALE_METHODS } from "../../src/quantize/settings";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { PRESET_NAMES, PRESETS } from "../../src/session/recipe/presets";
import { BUILTIN_MODELS, type Recipe, UNIT_KINDS } from "../../src/session/recipe/recipe";
import { parseRecipe } from "../../src/session/recipe/schema";
import { quantizeCommand, verifyCommand } from "../../src/session/share/command";

/** The words that a shell makes of a line. */
function words(line: string): string[] {
  return execFileSync("sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);
}

/** The recipe that the command line reads, by its own parser of options. */
function readBack(line: string, file: Recipe): Recipe {
  const [npx, program, deed, ...rest] = words(line);
  expect([npx, program, deed]).toEqual(["npx", "brecq-lab", "quantize"]);
  const command = new Command().argument("[model]").exitOverride();
  for (const option of ["demo [name]", "recipe <f>", "calibration <d>", "evaluate <d>", "scale <m>", "granularity <k>", "first-last-bits <w>"])
    command.option(`--${option}`);
  for (const option of ["method", "activation-scale", "last-input-bits", "unit", "loss", "inputs", "preset", "device", "cache"])
    command.option(`--${option} <value>`);
  for (const option of ["calibration-images", "weights", "activations", "activation-iterations", "activation-rate", "iterations", "learning-rate"])
    command.option(`--${option} <n>`, "", number);
  for (const option of ["regularizer", "batch", "seed"]) command.option(`--${option} <n>`, "", number);
  for (const option of ["mean", "std", "resize", "crop"]) command.option(`--${option} <list>`, "", numbers);
  for (const option of ["symmetric", "bgr", "no-learn"]) command.option(`--${option}`);
  command.option("--layer <p>", "", (value: string, before: string[]) => [...before, value], []);
  command.parse(rest, { from: "user" });
  const options = command.opts<QuantizeOptions>();
  return recipeOf(command.args[0], options, options.recipe ? JSON.parse(JSON.stringify(file)) : null);
}

/** What the command line cannot know before it reads the files, and what decides nothing. */
const plain = (recipe: Recipe) => JSON.parse(JSON.stringify({ ...recipe, threads: null, memory: null, diagnose: false }));

const pick = <T>(random: Random, values: readonly T[]): T => values[random.below(values.length)] as T;

function randomRecipe(random: Random): Recipe {
  const demo = demoRecipe();
  const own = {
    model: { kind: "file", name: "it's a net.onnx" },
    calibration: { kind: "files", name: "my images", count: random.below(2) ? 256 : null },
    evaluation: random.below(2) ? { kind: "files", name: "test.zip" } : null,
    preprocessing: { resize: pick(random, [null, 256, [32, 40]]), crop: pick(random, [null, [224, 224]]), mean: [0.1 + random.uniform(), 0.2, 0.3] },
  };
  const inputs = random.below(2) ? own : { ...demo, model: { kind: "builtin", name: pick(random, BUILTIN_MODELS) } };
  const preset = PRESETS[pick(random, PRESET_NAMES)];
  const changed = random.below(3) === 0;
  return parseRecipe(
    {
      ...{ version: 2, model: inputs.model, calibration: inputs.calibration, evaluation: inputs.evaluation, preprocessing: inputs.preprocessing },
      weights: {
        bits: 2 + random.below(7),
        scale: pick(random, SCALE_METHODS),
        symmetric: random.below(2) === 1,
        firstLastBits: pick(random, [8, null]),
        granularity: pick(random, ["channel", "tensor"]),
        ...(random.below(4) === 0
          ? {
              overrides: [
                { layers: "layer1.*", bits: "float" },
                { layers: "a=b $c", bits: 3 },
              ],
            }
          : {}),
        ...(random.below(8) === 0 ? { assignment: { conv: 3 } } : {}),
      },
      activations: random.below(2)
        ? {
            ...{ bits: 4, lastInputBits: pick(random, [8, null]), scale: pick(random, SCALE_METHODS), learn: random.below(2) === 1 },
            ...(random.below(2) ? preset.activations : { iterations: 7, learningRate: 0.003 }),
          }
        : null,
      ...{
        method: pick(random, METHOD_NAMES),
        unit: pick(random, UNIT_KINDS),
        loss: pick(random, LOSS_KINDS),
        inputs: pick(random, ["quantized", "full"]),
      },
      iterations: changed ? 33 : preset.iterations,
      learningRate: changed ? 0.0123 : preset.learningRate,
      annealing: random.below(9) === 0 ? { ...preset.annealing, warmup: 0.5 } : preset.annealing,
      ...{ regularizer: pick(random, [0.01, 0.1]), batch: pick(random, [32, 16]), seed: random.below(5), cache: pick(random, ["f32", "f16"]) },
      device: pick(random, ["auto", "wasm", "webgpu"]),
    },
    "random",
  );
}

test("300 recipes of all kinds: by options where they can say it, else with the recipe as a file", () => {
  const random = new Random(15, "commands");
  const count = { options: 0, file: 0 };
  for (let i = 0; i < 300; i++) {
    const recipe = randomRecipe(random);
    const command = quantizeCommand(recipe);
    if (!command) throw new Error("there is always a line for all test images");
    expect(plain(readBack(command.line, recipe)), command.line).toEqual(plain(recipe));
    count[command.needsRecipe ? "file" : "options"]++;
  }
  expect(count.options).toBeGreaterThan(100);
  expect(count.file).toBeGreaterThan(20);
});

test("the demo's line is short, and some of a file's test images have none", () => {
  expect(quantizeCommand(demoRecipe())).toEqual({ line: "npx brecq-lab quantize --demo --weights 2", needsRecipe: false });
  const some = parseRecipe({ ...demoRecipe(), evaluation: { kind: "files", name: "t.zip", count: 5 } }, "r");
  expect(quantizeCommand(some)).toBeNull();
});

test("a link is verified with the files that it needs, or fetches what it says an address of", () => {
  const recipe = parseRecipe(
    {
      ...demoRecipe(),
      model: { kind: "file", name: "a net.onnx" },
      evaluation: { kind: "files", name: "t.zip", from: "https://example.com/t.zip" },
    },
    "r",
  );
  const line = verifyCommand("https://lab/?lang=ko#share=AA-_", recipe);
  expect(words(line)).toEqual(["npx", "brecq-lab", "verify", "https://lab/?lang=ko#share=AA-_", "--model", "a net.onnx", "--fetch"]);
});
