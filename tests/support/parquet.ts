/** Parquet files of images in the form that the library `datasets` gives them. */

import { encode } from "fast-png";
import { parquetWriteBuffer } from "hyparquet-writer";
import { Random } from "../../src/base/random";

/** A picture that tells its number: of one colour. */
function numberedPicture(number: number, side: number): Uint8Array {
  return encode({ width: side, height: side, channels: 3, data: new Uint8Array(side * side * 3).fill(number % 256) });
}

export interface ImageTable {
  readonly labels: readonly (number | null)[];
  readonly classNames?: readonly string[];
  readonly rowGroup?: number;
  /** Of the first picture. */
  readonly first?: number;
  /** Bytes added to every picture, so that row groups are large. */
  readonly padding?: number;
  /** Of each picture, in pixels; 8 without it. */
  readonly side?: number;
  readonly names?: { readonly image: string; readonly label: string };
}

export function imageParquet({ labels, classNames, rowGroup = 10, first = 0, padding = 0, side = 8, names }: ImageTable): Uint8Array {
  const { image, label } = names ?? { image: "image", label: "label" };
  const pictures = labels.map((_, i) => {
    const picture = numberedPicture(first + i, side);
    const bytes = new Uint8Array(picture.length + padding);
    bytes.set(picture);
    // What does not compress.
    const random = new Random(i);
    for (let at = picture.length; at < bytes.length; at++) bytes[at] = random.below(256);
    return { bytes, path: `${first + i}.png` };
  });
  const features = {
    [image]: { _type: "Image" },
    [label]: classNames ? { names: classNames, _type: "ClassLabel" } : { dtype: "int64", _type: "Value" },
  };
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: image, data: pictures },
      { name: label, data: labels.map((value) => (value === null ? null : BigInt(value))) },
    ],
    schema: [
      { name: "root", num_children: 2 },
      { name: image, num_children: 2, repetition_type: "OPTIONAL" },
      { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
      { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      { name: label, type: "INT64", repetition_type: "OPTIONAL" },
    ],
    rowGroupSize: rowGroup,
    statistics: false,
    kvMetadata: [{ key: "huggingface", value: JSON.stringify({ info: { features } }) }],
  });
  return new Uint8Array(buffer);
}
