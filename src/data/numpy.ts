/** NumPy's .npy and .npz: `images` as uint8 [N, H, W, C], and optionally `labels`. */
import { unzipSync } from "fflate";
import { BadInput } from "../base/errors";
import type { InputFile } from "./files";
import type { ImageSet } from "./images";

interface NumpyArray {
  readonly shape: readonly number[];
  readonly type: string;
  readonly data: ArrayLike<number | bigint>;
}

const TYPES: Readonly<Record<string, new (buffer: ArrayBuffer) => ArrayLike<number | bigint>>> = {
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
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, start + length));
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/
    .exec(header)?.[1]
    ?.split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number);
  if (type === undefined || !shape) throw damaged();
  if (/'fortran_order':\s*True/.test(header)) throw new BadInput(`${path} is in Fortran order; save numpy.ascontiguousarray(images) instead.`);
  const make = TYPES[type];
  if (!make) throw new BadInput(`${path} has element type ${type}; expected uint8 images or integer labels.`);
  const count = shape.reduce((product, extent) => product * extent, 1);
  let data: ArrayLike<number | bigint>;
  try {
    data = new make(bytes.slice(start + length).buffer as ArrayBuffer);
  } catch {
    throw damaged();
  }
  if (data.length !== count)
    throw new BadInput(`${path} holds ${data.length} numbers where its shape (${shape.join(", ")}) needs ${count}; it is truncated.`);
  return { shape, type, data };
}

function entriesOf({ path, bytes }: InputFile): Map<string, NumpyArray> {
  if (!/\.npz$/i.test(path)) return new Map([["images", parse(bytes, path)]]);
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes);
  } catch {
    throw new BadInput(`${path} is not a readable .npz archive; it is damaged or truncated.`);
  }
  return new Map(Object.entries(files).map(([name, content]) => [name.replace(/\.npy$/, ""), parse(content, `${path}:${name}`)]));
}

/** @param most rows to read, from the first */
export function readNumpy(file: InputFile, most: number = Number.POSITIVE_INFINITY): ImageSet {
  const entries = entriesOf(file);
  const images = entries.get("images") ?? entries.get("x") ?? [...entries.values()].find(({ shape }) => shape.length >= 3);
  const labels = entries.get("labels") ?? entries.get("y");
  if (!images)
    throw new BadInput(
      `${file.path} holds ${[...entries.keys()].join(", ") || "nothing"}; expected an array "images" of uint8 [N, height, width, channels].`,
    );
  if (images.type !== "|u1")
    throw new BadInput(
      `Array "images" of ${file.path} has element type ${images.type}; expected uint8 pixels 0..255 (normalization is the recipe's).`,
    );
  const { shape, data } = images;
  if (shape.length !== 4 && shape.length !== 3)
    throw new BadInput(`Array "images" of ${file.path} has shape (${shape.join(", ")}); expected (N, height, width, channels).`);
  const [rows, a, b, c = 1] = shape as [number, number, number, number?];
  const count = Math.min(rows, most);
  const planar = shape.length === 4 && (a === 1 || a === 3) && c !== 1 && c !== 3;
  const [height, width, channels] = planar ? [b, c, a] : [a, b, c];
  if (channels !== 1 && channels !== 3) throw new BadInput(`Images of ${file.path} have ${channels} channels; expected 1 or 3.`);
  const wanted = (data as Uint8Array).subarray(0, count * height * width * channels);
  const pixels = planar ? toChannelsLast(wanted, count, channels, height * width) : wanted.slice();
  if (labels && labels.data.length !== rows)
    throw new BadInput(`${file.path} holds ${rows} images and ${labels.data.length} labels; save one label for each image.`);
  const classes = labels ? Int32Array.from({ length: count }, (_, i) => Number(labels.data[i])) : null;
  return { count, height, width, channels, pixels, labels: classes, classNames: null };
}

function toChannelsLast(data: Uint8Array, count: number, channels: number, plane: number): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let n = 0; n < count; n++)
    for (let c = 0; c < channels; c++)
      for (let p = 0; p < plane; p++) out[(n * plane + p) * channels + c] = data[(n * channels + c) * plane + p] as number;
  return out;
}
