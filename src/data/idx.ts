/**
 * IDX files, as MNIST, Fashion-MNIST and EMNIST come: two zero bytes, the element type, the number of dimensions, the
 * dimensions as big-endian words, then the elements (http://yann.lecun.com/exdb/mnist, "file formats"). Images and
 * labels are two files, paired by their names; both may be gzipped, and no more of them is unpacked than is read.
 */
import { BadInput } from "../base/errors";
import { gunzipFirst, isGzip } from "./archives/gunzip";
import { type InputFile, nameOf } from "./files";
import type { ByteImages } from "./images";
import { labelsPathOf } from "./names";
import { type LabelUse, someOf } from "./read";

/** The element type of unsigned bytes. */
const BYTES = 0x08;

/** Elements of one file: 60,000 images of 224x224 in colour are 9e9, which no memory here holds. */
const MOST = 2 ** 31;

interface Elements {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A file's dimensions, and its elements as far as the first `most` entries. */
async function elementsOf(file: InputFile, most: number): Promise<Elements> {
  const { path, bytes } = file;
  const packed = isGzip(bytes);
  const head = packed ? await gunzipFirst(file, 4 + 4 * 4) : bytes.subarray(0, 20);
  const axes = head[3] ?? 0;
  if (head.length < 4 + 4 * axes || head[0] !== 0 || head[1] !== 0 || axes < 1 || axes > 4)
    throw new BadInput(`${path} is no IDX file by its first bytes, though its name says so; get it again, or rename it.`);
  if (head[2] !== BYTES)
    throw new BadInput(`${path} holds elements of IDX type 0x${(head[2] as number).toString(16).padStart(2, "0")}; expected unsigned bytes (0x08).`);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const start = 4 + 4 * axes;
  const entry = shape.slice(1).reduce((product, extent) => product * extent, 1);
  const total = (shape[0] as number) * entry;
  const wanted = Math.min(shape[0] as number, most) * entry;
  if (entry === 0 || wanted === 0) throw new BadInput(`${path} declares the shape (${shape.join(", ")}), which holds nothing; get the file again.`);
  const lacks = (found: number) =>
    new BadInput(`${path} declares the shape (${shape.join(", ")}), that is ${total} bytes, but holds ${found}; it is damaged or truncated.`);
  if (!packed) {
    if (bytes.length - start !== total) throw lacks(bytes.length - start);
    return { shape, data: bytes.subarray(start, start + wanted) };
  }
  if (wanted > MOST)
    throw new BadInput(`${path} declares the shape (${shape.join(", ")}), ${total} bytes: more than is read; choose a smaller file.`);
  // One byte more than all there should be: only then is the end reached, where the checksum is.
  const data = (await gunzipFirst(file, start + wanted + (wanted === total ? 1 : 0))).subarray(start);
  if (data.length < wanted || data.length > total) throw lacks(data.length);
  return { shape, data };
}

/**
 * The images of the one file of images among some IDX files, with the labels that belong to it.
 * @param most images to read, from the first
 * @param source what to call the files in an error
 * @throws BadInput for damaged or truncated files, several files of images, and labels that do not fit
 */
export async function readIdx(files: readonly InputFile[], most: number, use: LabelUse, source: string): Promise<ByteImages> {
  const labelled = new Map(files.map((file) => [file.path, file]));
  const pairs = files.flatMap((file) => {
    const path = labelsPathOf(file.path);
    return path === null
      ? []
      : [{ file, labels: labelled.get(path) ?? labelled.get(path.replace(/\.gz$/i, "")) ?? labelled.get(`${path}.gz`) ?? null }];
  });
  const alone =
    pairs.length === 0 && files.length === 1 && !/idx1/i.test(nameOf((files[0] as InputFile).path))
      ? { file: files[0] as InputFile, labels: null }
      : null;
  const [pair = alone] = pairs;
  if (!pair)
    throw new BadInput(
      `${source} holds IDX files (${someOf(files.map(({ path }) => path))}), none of which is one of images; choose the images too, such as t10k-images-idx3-ubyte.`,
    );
  if (pairs.length > 1)
    throw new BadInput(
      `${source} holds ${pairs.length} IDX files of images (${someOf(pairs.map(({ file }) => file.path))}); choose one of them, with its labels.`,
    );
  const { file } = pair;
  const { shape, data } = await elementsOf(file, most);
  const [rows, height, width, channels = 1] = shape as [number, number?, number?, number?];
  if (height === undefined || width === undefined || (channels !== 1 && channels !== 3))
    throw new BadInput(`${file.path} has the shape (${shape.join(", ")}); expected images of (N, height, width).`);
  const count = Math.min(rows, most);
  const labels = pair.labels && use !== "none" ? await labelsOf(pair.labels, file.path, rows, count) : null;
  return { count, height, width, channels, pixels: data, labels, classNames: null };
}

async function labelsOf(file: InputFile, images: string, rows: number, count: number): Promise<Int32Array> {
  const { shape, data } = await elementsOf(file, count);
  if (shape.length !== 1) throw new BadInput(`${file.path} has the shape (${shape.join(", ")}); expected labels of (N).`);
  if (shape[0] !== rows)
    throw new BadInput(`${images} holds ${rows} images and ${file.path} ${shape[0]} labels; choose the labels that belong to the images.`);
  return Int32Array.from(data);
}
