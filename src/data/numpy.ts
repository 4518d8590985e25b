/**
 * NumPy's .npy and .npz: `images`, and optionally `labels`. Images are uint8 [N, H, W, C] (or [N, C, H, W], or [N, H, W]),
 * to be normalized; or float32 in the network's own layout ([N, C, H, W] as ONNX networks have it, [N, H, W, C] as those
 * of TensorFlow.js), which are what the network takes: nothing is done to them.
 */
import { BadInput } from "../base/errors";
import { unzip } from "./archives/zip";
import type { InputFile } from "./files";
import type { ImageSet } from "./images";

interface NumpyArray {
  readonly shape: readonly number[];
  readonly type: string;
  readonly data: ArrayLike<number | bigint>;
}

const TYPES: Readonly<Record<string, { new (buffer: ArrayBuffer): ArrayLike<number | bigint>; readonly BYTES_PER_ELEMENT: number }>> = {
  "|u1": Uint8Array,
  "|i1": Int8Array,
  "<u2": Uint16Array,
  "<i2": Int16Array,
  "<u4": Uint32Array,
  "<i4": Int32Array,
  "<u8": BigUint64Array,
  "<i8": BigInt64Array,
  "<f4": Float32Array,
  "<f8": Float64Array,
};

function parse(bytes: Uint8Array, path: string): NumpyArray {
  const damaged = () => new BadInput(`${path} is damaged or no .npy array; save it again with numpy.save or numpy.savez.`);
  if (bytes.length < 12 || bytes[0] !== 0x93 || String.fromCharCode(...bytes.subarray(1, 6)) !== "NUMPY") throw damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const long = (bytes[6] as number) >= 2;
  const start = long ? 12 : 10;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  if (start + length > bytes.length) throw damaged();
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, start + length));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/
    .exec(header)?.[1]
    ?.split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number);
  if (type === undefined || !shape?.every((extent) => Number.isInteger(extent) && extent >= 0)) throw damaged();
  if (/'fortran_order':\s*True/.test(header)) throw new BadInput(`${path} is in Fortran order; save numpy.ascontiguousarray(images) instead.`);
  const make = TYPES[type];
  if (!make)
    throw new BadInput(`${path} has element type ${type}; expected uint8 images, float32 images that are already preprocessed, or integer labels.`);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const held = (bytes.length - start - length) / make.BYTES_PER_ELEMENT;
  if (count === 0) throw new BadInput(`${path} has the shape (${shape.join(", ")}), which holds no numbers; save an array that is not empty.`);
  if (held !== count)
    throw new BadInput(`${path} holds ${Math.floor(held)} numbers where its shape (${shape.join(", ")}) needs ${count}; it is truncated.`);
  return { shape, type, data: new make(bytes.slice(start + length).buffer as ArrayBuffer) };
}

function entriesOf(file: InputFile): Map<string, NumpyArray> {
  const { path, bytes } = file;
  if (!/\.npz$/i.test(path)) return new Map([["images", parse(bytes, path)]]);
  const files = unzip(file, () => true, ".npz");
  return new Map([...files].map(([name, content]) => [name.replace(/\.npy$/, ""), parse(content, `${path}:${name}`)]));
}

/**
 * @param most rows to read, from the first
 * @param input [height, width, channels] of the network, or null where that is not known
 */
export function readNumpy(file: InputFile, most: number = Number.POSITIVE_INFINITY, input: readonly number[] | null = null): ImageSet {
  const entries = entriesOf(file);
  const images = entries.get("images") ?? entries.get("x") ?? [...entries.values()].find(({ shape }) => shape.length >= 3);
  const labels = entries.get("labels") ?? entries.get("y");
  if (!images)
    throw new BadInput(
      `${file.path} holds ${[...entries.keys()].join(", ") || "nothing"}; expected an array "images" of uint8 [N, height, width, channels].`,
    );
  const { shape, type } = images;
  if (type !== "|u1" && type !== "<f4")
    throw new BadInput(
      `Array "images" of ${file.path} has element type ${type}; expected uint8 pixels 0..255, or float32 (numpy's astype("float32")) in the network's own layout, already preprocessed.`,
    );
  const rows = shape[0] as number;
  const count = Math.min(rows, most);
  const set = type === "|u1" ? readBytes(images, count, file.path) : readFloats(images, count, input, file.path);
  const [of, labelHeight = 1, labelWidth = 1] = labels?.shape ?? [];
  if (labels && (of !== rows || (labels.shape.length !== 1 && labels.shape.length !== 3)))
    throw new BadInput(
      `${file.path} holds ${rows} images and ${labels.shape.join("x")} labels; save one label for each image, or for segmentation [N, height, width].`,
    );
  const each = labelHeight * labelWidth;
  return {
    ...set,
    labels: labels ? Int32Array.from({ length: count * each }, (_, i) => Number(labels.data[i])) : null,
    ...(labels?.shape.length === 3 ? { labelSize: [labelHeight, labelWidth] as const } : {}),
    classNames: null,
  };
}

type Pixels = Omit<ImageSet, "labels" | "classNames">;

function readBytes({ shape, data }: NumpyArray, count: number, path: string): Pixels {
  if (shape.length !== 4 && shape.length !== 3)
    throw new BadInput(`Array "images" of ${path} has shape (${shape.join(", ")}); expected (N, height, width, channels).`);
  const [, a, b, c = 1] = shape as [number, number, number, number?];
  const [height, width, channels] = looksPlanar(shape) ? [b, c, a] : [a, b, c];
  if (channels !== 1 && channels !== 3) throw new BadInput(`Images of ${path} have ${channels} channels; expected 1 or 3.`);
  return pixelsOf(data as Uint8Array, count, [height, width, channels], looksPlanar(shape));
}

/** Whether (N, channels, height, width) is the likelier reading. */
function looksPlanar([, a, , c = 1, ...rest]: readonly number[]): boolean {
  return rest.length === 0 && (a === 1 || a === 3) && c !== 1 && c !== 3;
}

/** Floats have the very shape that the network's file declares; where it fits both layouts, it is ONNX's. */
function readFloats({ shape, data }: NumpyArray, count: number, input: readonly number[] | null, path: string): Pixels {
  if (shape.length !== 4)
    throw new BadInput(
      `Array "images" of ${path} is float32 of shape (${shape.join(", ")}); expected the network's own layout, (N, channels, height, width) or (N, height, width, channels), already preprocessed.`,
    );
  const own = shape.slice(1);
  const size = own.reduce((product, extent) => product * extent, 1);
  const wrong = (data as Float32Array).subarray(0, count * size).findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new BadInput(`Image ${Math.floor(wrong / size)} of ${path} holds a value that is no finite number (${data[wrong]}); save it anew.`);
  if (!input) {
    const [a, b, c] = own as [number, number, number];
    return pixelsOf(data as Float32Array, count, looksPlanar(shape) ? [b, c, a] : [a, b, c], looksPlanar(shape));
  }
  const [height, width, channels] = input as [number, number, number];
  const planar = [channels, height, width];
  const is = (expected: readonly number[]) => own.join() === expected.join();
  if (!is(planar) && !is(input))
    throw new BadInput(
      `Array "images" of ${path} is float32 of shape (${shape.join(", ")}), but the network takes (N, ${planar.join(", ")}), or (N, ${input.join(", ")}) with channels last; floats are taken as already preprocessed, so nothing is resized.`,
    );
  return pixelsOf(data as Float32Array, count, [height, width, channels], is(planar));
}

function pixelsOf(
  data: Uint8Array | Float32Array,
  count: number,
  [height, width, channels]: readonly [number, number, number],
  planar: boolean,
): Pixels {
  const wanted = data.subarray(0, count * height * width * channels);
  return { count, height, width, channels, pixels: planar ? toChannelsLast(wanted, count, channels, height * width) : wanted.slice() };
}

function toChannelsLast(data: Uint8Array | Float32Array, count: number, channels: number, plane: number): Uint8Array | Float32Array {
  const out = data instanceof Uint8Array ? new Uint8Array(data.length) : new Float32Array(data.length);
  for (let n = 0; n < count; n++)
    for (let c = 0; c < channels; c++)
      for (let p = 0; p < plane; p++) out[(n * plane + p) * channels + c] = data[(n * channels + c) * plane + p] as number;
  return out;
}
