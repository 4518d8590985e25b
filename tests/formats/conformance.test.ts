/** Cases of the ONNX project's own conformance data: the given outputs, or a refusal that names its reason. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWasmDevice, type WasmDevice } from "../../src/engine/wasm/device";
import { judge, readCase } from "../support/onnx/conformance";

const FOLDER = fileURLToPath(new URL("conformance/", import.meta.url));

/** What no network of independent images holds, or what training alone computes. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  batchnorm_example_training_mode: /training mode/,
  flatten_axis2: /batch/,
  gather_0: /batch/,
  gemm_default_matrix_bias: /Gemm.*bias/,
  layer_normalization_4d_axis0: /batch/,
  squeeze: /batch/,
};

const CASES = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe("ONNX's conformance cases", () => {
  let device: WasmDevice;
  beforeAll(async () => {
    device = await createWasmDevice(1);
  });
  afterAll(() => device.dispose());

  test("are there", () => expect(CASES.length).toBeGreaterThan(60));

  test.each(CASES)("%s", async (name) => {
    const entry = readCase(FOLDER + name, name);
    if (!entry) throw new Error(`${name} has no model or no data`);
    const verdict = await judge(device, entry);
    const reason = REFUSED[name];
    if (reason) expect(verdict).toEqual({ kind: "refused", reason: expect.stringMatching(reason) });
    else expect(verdict).toEqual({ kind: "right" });
  });
});
