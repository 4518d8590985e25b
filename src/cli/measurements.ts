/** Measured sensitivities in a folder, one JSON file each, so that a measurement goes on where it stopped. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BadInput } from "../base/errors";
import { writeWhole } from "../node/whole-file";
import { type KeptMeasurement, type MeasurementStore, pack, unpack } from "../session/search/measurements";

export function fileStore(folder: string): MeasurementStore {
  const fileOf = (key: string) => join(folder, `sensitivity-${createHash("sha256").update(key).digest("hex").slice(0, 16)}.json`);
  return {
    async load(key) {
      let text: string;
      try {
        text = await readFile(fileOf(key), "utf8");
      } catch {
        return null;
      }
      try {
        return unpack((JSON.parse(text) as { measured: KeptMeasurement }).measured);
      } catch {
        throw new BadInput(`${fileOf(key)} is not a measurement that was kept here; remove it, and it will be made anew.`);
      }
    },
    async save(key, measured) {
      const text = `${JSON.stringify({ key: JSON.parse(key), measured: pack(measured) }, null, 1)}\n`;
      await writeWhole(fileOf(key), text);
    },
  };
}
