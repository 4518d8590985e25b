/** The command line's addresses: fetched, named in the recipe, and told where a recipe's file is missing. */
import { mkdtempSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sourcesOf } from "../../src/cli/inputs";
import { recipeOf } from "../../src/cli/options";
import { defaultCacheFolder, folderStore } from "../../src/node/web-folder";
import { InputCache } from "../../src/session/inputs/cache";
import { withOrigins } from "../../src/session/inputs/origins";
import { parseRecipe } from "../../src/session/recipe/schema";
import { fingerprintOf } from "../../src/session/share/compute-fingerprint";
import { COMMIT, type FakeHub, startHub } from "../support/hub";
import { imageParquet } from "../support/parquet";

const model = new Uint8Array(readFileSync(new URL("../../public/demo/shapes-mobilenet.onnx", import.meta.url)));
const labels = Array.from({ length: 40 }, (_, i) => i % 10);

let hub: FakeHub;
let folder: string;

beforeEach(async () => {
  hub = await startHub();
  folder = mkdtempSync(join(tmpdir(), "brecq-web-"));
  hub.repositories["o/net"] = { files: { "model.onnx": model } };
  hub.repositories["datasets/o/pets"] = { files: { "data/train-00000-of-00001.parquet": imageParquet({ labels, side: 32 }) } };
  vi.stubEnv("HF_ENDPOINT", `${hub.url}/`);
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await hub.stop();
});

test("model and images by address: names, pinned addresses and hashes go into the recipe; local files stay as they are", async () => {
  const options = { export: [], calibration: "hub-dataset:o/pets/data/train", calibrationImages: 32, evaluate: "package.json", webCache: folder };
  const named = recipeOf("hub:o/net", options, null);
  const sources = await sourcesOf("hub:o/net", options);
  const recipe = withOrigins(named, sources);
  expect(recipe.model).toMatchObject({ name: "net/model.onnx", from: `hub:o/net@${COMMIT}/model.onnx` });
  expect(recipe.calibration).toMatchObject({ name: "pets/data/train[:32]", from: `hub-dataset:o/pets@${COMMIT}/data/train[:32]`, count: 32 });
  expect(recipe.evaluation).toEqual(named.evaluation);
  expect(console.error).toHaveBeenCalledWith(
    expect.stringMatching(/^From the web: asks 127\.0\.0\.1:\d+ for hub:o\/net; what is fetched is kept in /),
  );

  const inputs = new InputCache();
  const { graph } = await inputs.loadModel(recipe.model, sources, null);
  const images = await inputs.loadImages(
    {
      role: "calibration",
      recipe: recipe.calibration,
      preprocessing: recipe.preprocessing,
      classes: 10,
      input: null,
      positions: null,
      labels: "needed",
      onProgress: () => {},
    },
    sources,
  );
  expect([...graph.nodes].length).toBeGreaterThan(10);
  expect([...(images.set.labels ?? [])]).toEqual(labels.slice(0, 32));

  // A report's recipe says where its files are; without them that is told.
  const again = parseRecipe(JSON.parse(JSON.stringify(recipe)), "report.json");
  expect(again).toEqual(recipe);
  await expect(new InputCache().loadModel(again.model, { ...sources, model: null }, null)).rejects.toThrow(
    `choose it first, or fetch it from hub:o/net@${COMMIT}/model.onnx.`,
  );
});

test("where files come from changes no result", async () => {
  const base = { version: 2, calibration: { kind: "files", name: "c" }, weights: { bits: 4 } };
  const own = parseRecipe({ ...base, model: { kind: "file", name: "m" } }, "r");
  const fetched = parseRecipe({ ...base, model: { kind: "file", name: "m", from: "https://example.com/m.onnx" } }, "r");
  const result = { top1: null, agreement: 90, losses: [], rounding: "0".repeat(64) };
  expect(await fingerprintOf(fetched, result)).toEqual(await fingerprintOf(own, result));
  expect(() => parseRecipe({ ...base, model: { kind: "file", name: "m", from: "m.onnx" } }, "r")).toThrow(/model\.from is not valid: expected hub:/);
});

test("the folder is the user's own for caches; what was never finished is cleared after a day", async () => {
  vi.stubEnv("XDG_CACHE_HOME", "/elsewhere");
  if (process.platform === "linux") expect(defaultCacheFolder()).toBe("/elsewhere/brecq-lab");
  await folderStore(folder);
  for (const name of ["old.part", "new.part"]) writeFileSync(join(folder, "sha256", name), "x");
  utimesSync(join(folder, "sha256", "old.part"), new Date(0), new Date(0));
  await folderStore(folder);
  expect(await readdir(join(folder, "sha256"))).toEqual(["new.part"]);
});
