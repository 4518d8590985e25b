/** CIFAR-10 binary files: records of a label byte and the red, green and blue planes of 32x32 pixels. */
import { BadInput } from "../base/errors";
import type { InputFile } from "./files";
import type { ImageSet } from "./images";

const PLANE = 1024;
const RECORD = 1 + 3 * PLANE;

const CLASSES: readonly string[] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/**
 * @param files in order
 * @param most records to read, from the first; files after them are not looked at
 */
export function readCifar(files: readonly InputFile[], most: number = Number.POSITIVE_INFINITY): ImageSet {
  const parts: { path: string; bytes: Uint8Array }[] = [];
  let count = 0;
  for (const { path, bytes } of files) {
    if (count >= most) break;
    if (bytes.length === 0 || bytes.length % RECORD !== 0)
      throw new BadInput(
        `${path} has ${bytes.length} bytes, which is not a whole number of CIFAR-10 records of ${RECORD} bytes; use the binary version (data_batch_1.bin, test_batch.bin).`,
      );
    const records = Math.min(bytes.length / RECORD, most - count);
    parts.push({ path, bytes: bytes.subarray(0, records * RECORD) });
    count += records;
  }
  const pixels = new Uint8Array(count * 3 * PLANE);
  const labels = new Int32Array(count);
  let image = 0;
  for (const { path, bytes } of parts)
    for (let at = 0; at < bytes.length; at += RECORD, image++) {
      const label = bytes[at] as number;
      if (label > 9) throw new BadInput(`Image ${at / RECORD} of ${path} has label ${label}; CIFAR-10 labels are 0 to 9.`);
      labels[image] = label;
      for (let p = 0; p < PLANE; p++) for (let c = 0; c < 3; c++) pixels[(image * PLANE + p) * 3 + c] = bytes[at + 1 + c * PLANE + p] as number;
    }
  return { count, height: 32, width: 32, channels: 3, pixels, labels, classNames: CLASSES };
}
