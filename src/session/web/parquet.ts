/**
 * Images stored as Parquet, as the Hugging Face Hub has them: a column of structs {bytes, path} holds encoded pictures, a
 * column of integers their classes. Only the row groups that hold the wanted rows are fetched, by range requests. They
 * become a zip of pictures in the order of the rows with a labels.json, which is read like any other zip: the same rows
 * give the same bytes.
 */
import { zipSync } from "fflate";
import { type AsyncBuffer, type Compressors, type FileMetaData, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { BadInput, Cancelled } from "../../base/errors";
import { ask, type WebAccess, whole } from "./http";

export interface ParquetFile {
  readonly url: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface ImageRows {
  readonly zip: Uint8Array;
  readonly count: number;
  /** Sentences on what the rows hold. */
  readonly notes: readonly string[];
}

/** Bytes: of one range or one unpacked page, and of all pictures together. Sizes are checked before memory is taken. */
const [MOST_RANGE, MOST_PICTURES] = [256 * 2 ** 20, 2 ** 30];
/** Bytes that are asked for first: the footer of a file of usual size. */
const FOOTER = 2 ** 17;

interface Columns {
  readonly image: string;
  readonly label: string | null;
  readonly classNames: readonly string[] | null;
}

interface Row {
  readonly bytes: Uint8Array;
  readonly label: number | null;
}

/**
 * The pictures of the rows `first` to `end` (without it) over all files of a split.
 * @param what the data set, as a person calls it
 * @throws BadInput for files that hold no images, or are damaged
 */
export async function readImageRows(
  files: readonly ParquetFile[],
  [first, end]: readonly [number, number],
  what: string,
  access: WebAccess,
): Promise<ImageRows> {
  const rows: Row[] = [];
  let before = 0;
  let bytes = 0;
  let columns: Columns | null = null;
  for (const file of files) {
    if (before >= end) break;
    const part = await open(file, access, (received) =>
      access.onProgress({ text: `${what}, ${rows.length} of ${end - first} images`, received: bytes + received, total: null }),
    );
    columns ??= columnsOf(part.metadata, what);
    const from = Math.max(0, first - before);
    const to = Math.min(part.rows, end - before);
    let pictures = rows.reduce((sum, row) => sum + row.bytes.length, 0);
    for (const [start, stop] of groupsOf(part.metadata, from, to)) {
      const found = await part.read(columns, start, stop);
      for (const [i, row] of found.entries()) rows.push(rowOf(row, columns, before + start + i, what));
      pictures += rows.slice(-found.length).reduce((sum, row) => sum + row.bytes.length, 0);
      if (pictures > MOST_PICTURES)
        throw new BadInput(`${what}: ${rows.length} of ${end - first} images already take more than ${MOST_PICTURES} bytes; ask for fewer rows.`);
    }
    before += part.rows;
    bytes += part.received();
  }
  if (!columns || rows.length === 0)
    throw new BadInput(`${what} has ${before} rows, so that there are none from row ${first} on; ask for rows that it has.`);
  return { zip: zipped(rows, first, columns), count: rows.length, notes: notesOn(rows, columns, what) };
}

/** Rows `from` to `to` cut where row groups end, so that progress is told and cancelling is heard between them. */
function groupsOf({ row_groups }: FileMetaData, from: number, to: number): [start: number, stop: number][] {
  const parts: [number, number][] = [];
  let at = 0;
  for (const { num_rows } of row_groups) {
    const [start, stop] = [Math.max(from, at), Math.min(to, at + Number(num_rows))];
    if (start < stop) parts.push([start, stop]);
    at += Number(num_rows);
  }
  return parts;
}

async function open(file: ParquetFile, access: WebAccess, onBytes: (received: number) => void) {
  const { url, path, size } = file;
  let received = 0;
  const buffer: AsyncBuffer = {
    byteLength: size,
    async slice(start, stop = size) {
      const [from, to] = [Math.max(0, start), Math.min(stop, size)];
      if (!(to > from && to - from <= MOST_RANGE)) throw new RangeError("a range of impossible size");
      const answer = await ask(url, path, access, [from, to]);
      const part = await whole(answer, to - from, `A part of ${path}`);
      if (part.length < to - from) throw new BadInput(`${path} broke off: ${part.length} of ${to - from} bytes came; try again.`);
      received += part.length;
      onBytes(received);
      return part.buffer as ArrayBuffer;
    },
  };
  const metadata = await orDamaged(path, () => parquetMetadataAsync(buffer, { initialFetchSize: FOOTER }));
  const read = (columns: Columns, rowStart: number, rowEnd: number) =>
    orDamaged(path, () =>
      parquetReadObjects({
        ...{ file: buffer, metadata, rowStart, rowEnd, utf8: false, compressors: BOUNDED },
        columns: columns.label === null ? [columns.image] : [columns.image, columns.label],
      }),
    );
  return { metadata, rows: Number(metadata.num_rows), read, received: () => received };
}

async function orDamaged<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof BadInput || error instanceof Cancelled) throw error;
    throw new BadInput(`${path} is not a readable Parquet file (${error instanceof Error ? error.message : error}).`);
  }
}

/** A page says how large it is unpacked; what is said is not believed without a bound. */
const BOUNDED: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([name, unpack]) => [
    name,
    (packed: Uint8Array, length: number) => {
      if (!(length <= MOST_RANGE)) throw new RangeError("a page of impossible size");
      return unpack(packed, length);
    },
  ]),
);

/** The features that the library `datasets` writes into a file's metadata, as far as they matter here. */
interface Features {
  readonly [column: string]: { readonly _type?: string; readonly names?: unknown } | undefined;
}

function featuresOf(metadata: FileMetaData): Features {
  const text = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  try {
    const features = text ? (JSON.parse(text) as { info?: { features?: unknown } }).info?.features : null;
    return typeof features === "object" && features ? (features as Features) : {};
  } catch {
    return {};
  }
}

/** Which columns hold pictures and classes: as the features say, else by their structure and usual names. */
function columnsOf(metadata: FileMetaData, what: string): Columns {
  const features = featuresOf(metadata);
  const columns = parquetSchema(metadata).children;
  const isStruct = (column: (typeof columns)[number]) => column.children.some(({ element }) => element.name === "bytes");
  const image =
    columns.find((column) => features[column.element.name]?._type === "Image" && isStruct(column)) ??
    columns.find((column) => column.element.name === "image" && isStruct(column)) ??
    columns.find(isStruct);
  if (!image)
    throw new BadInput(
      `${what} has the columns ${columns.map(({ element }) => element.name).join(", ")}, none of which holds images; expected a column image of structs {bytes, path}.`,
    );
  const integers = columns.filter(({ element }) => element.type === "INT64" || element.type === "INT32").map(({ element }) => element.name);
  const label =
    integers.find((name) => name === "label") ??
    integers.find((name) => features[name]?._type === "ClassLabel") ??
    integers.find((name) => name === "labels" || name === "fine_label") ??
    null;
  const names = label === null ? null : features[label]?.names;
  const known = Array.isArray(names) && names.every((name) => typeof name === "string");
  return { image: image.element.name, label, classNames: known ? (names as string[]) : null };
}

function rowOf(row: Record<string, unknown>, columns: Columns, index: number, what: string): Row {
  const bytes = (row[columns.image] as { bytes?: unknown } | null)?.bytes;
  if (!(bytes instanceof Uint8Array))
    throw new BadInput(`Row ${index} of ${what} holds no picture, but at most the path of one; choose a data set that holds its pictures.`);
  const label = columns.label === null ? null : Number(row[columns.label] ?? -1);
  return { bytes, label: label !== null && Number.isInteger(label) && label >= 0 ? label : null };
}

function extensionOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "jpg";
  return bytes[0] === 0x52 && bytes[8] === 0x57 ? "webp" : "png";
}

/** Stored, not compressed: pictures are already. */
function zipped(rows: readonly Row[], first: number, { classNames }: Columns): Uint8Array {
  const names = rows.map(({ bytes }, i) => `${String(first + i).padStart(8, "0")}.${extensionOf(bytes)}`);
  const entries = Object.fromEntries(rows.map(({ bytes }, i) => [names[i] as string, bytes]));
  if (rows.every(({ label }) => label !== null)) {
    const labels = Object.fromEntries(rows.map(({ label }, i) => [names[i] as string, label]));
    entries["labels.json"] = new TextEncoder().encode(JSON.stringify(classNames ? { labels, classes: classNames } : { labels }));
  }
  // One date for all, in local time as a zip has it, so that the bytes depend on the rows alone.
  return zipSync(entries, { level: 0, mtime: new Date(1980, 0, 1) });
}

function notesOn(rows: readonly Row[], { label, classNames }: Columns, what: string): string[] {
  if (label === null) return [`${what} has no column of classes.`];
  if (rows.some((row) => row.label === null)) return [`Some of the rows of ${what} have no class; all are taken as unlabelled.`];
  const classes = new Set(rows.map((row) => row.label)).size;
  const all = classNames?.length ?? 0;
  // Drawn at random, half of the classes are missed only by chance: such rows are sorted by class.
  return classes < Math.min(all, rows.length) / 2
    ? [
        `These ${rows.length} rows of ${what} are of only ${classes} of ${all} classes: it seems to be sorted by class, and they do not stand for all.`,
      ]
    : [];
}
