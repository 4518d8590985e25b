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
    for (const [group, start, stop] of groupsOf(part.metadata, from, to)) {
      const pictures = await part.read([columns.image, "bytes"], group, start, stop);
      const classes = columns.label === null ? [] : await part.read([columns.label], group, start, stop);
      for (const [i, picture] of pictures.entries()) rows.push(rowOf(picture, classes[i] ?? null, before + start + i, what));
      if (rows.reduce((sum, row) => sum + row.bytes.length, 0) > MOST_PICTURES)
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
function groupsOf({ row_groups }: FileMetaData, from: number, to: number): [group: number, start: number, stop: number][] {
  const parts: [number, number, number][] = [];
  let at = 0;
  for (const [group, { num_rows }] of row_groups.entries()) {
    const [start, stop] = [Math.max(from, at), Math.min(to, at + Number(num_rows))];
    if (start < stop) parts.push([group, start, stop]);
    at += Number(num_rows);
  }
  return parts;
}

async function open(file: ParquetFile, access: WebAccess, onBytes: (received: number) => void) {
  const { url, path, size } = file;
  let received = 0;
  const range = async (from: number, to: number): Promise<ArrayBuffer> => {
    if (!(from >= 0 && to > from && to <= size && to - from <= MOST_RANGE)) throw new RangeError(`the bytes ${from} to ${to} of ${size} are named`);
    const answer = await ask(url, path, access, [from, to]);
    const part = await whole(answer, to - from, `A part of ${path}`);
    if (part.length < to - from) throw new BadInput(`${path} broke off: ${part.length} of ${to - from} bytes came; try again.`);
    received += part.length;
    onBytes(received);
    return part.buffer as ArrayBuffer;
  };
  const remote: AsyncBuffer = { byteLength: size, slice: (from, to = size) => range(from, to) };
  const metadata = await orDamaged(path, () => parquetMetadataAsync(remote, { initialFetchSize: FOOTER }));
  /** The values of one leaf of the schema in rows of one row group, by the name of its top column. */
  const read = (leaf: readonly string[], group: number, rowStart: number, rowEnd: number): Promise<unknown[]> =>
    orDamaged(path, async () => {
      const [from, to] = extentOf(metadata, leaf, group);
      const chunk = await range(from, to);
      // What hyparquet reads lies here already: reads of its own that nobody waits for could fail unheard.
      const local: AsyncBuffer = {
        byteLength: size,
        slice(start, stop = size) {
          if (start < from || stop > to) throw new RangeError("a page lies outside its column");
          return chunk.slice(start - from, stop - from);
        },
      };
      const options = { file: local, metadata: leafAlone(metadata, leaf), rowStart, rowEnd, utf8: false, compressors: BOUNDED };
      const rows = await parquetReadObjects(options);
      return rows.map((row) => leaf.reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], row) ?? null);
    });
  return { metadata, rows: Number(metadata.num_rows), read, received: () => received };
}

/** Where the bytes of a column's chunk lie in the file: from its dictionary, or its first page, on. */
function extentOf(metadata: FileMetaData, leaf: readonly string[], group: number): [from: number, to: number] {
  const chunk = metadata.row_groups[group]?.columns.find(({ meta_data }) => meta_data?.path_in_schema.join(".") === leaf.join("."))?.meta_data;
  if (!chunk) throw new RangeError(`row group ${group} has no column ${leaf.join(".")}`);
  const from = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  return [from, from + Number(chunk.total_compressed_size)];
}

/** The metadata of a file that had this leaf only, so that nothing else is read. */
function leafAlone(metadata: FileMetaData, leaf: readonly string[]): FileMetaData {
  let children = parquetSchema(metadata).children;
  const schema: FileMetaData["schema"] = [{ ...(metadata.schema[0] as FileMetaData["schema"][number]), num_children: 1 }];
  for (const name of leaf) {
    const found = children.find(({ element }) => element.name === name);
    if (!found) throw new RangeError(`there is no column ${leaf.join(".")}`);
    children = found.children;
    schema.push(children.length > 0 ? { ...found.element, num_children: 1 } : found.element);
  }
  const row_groups = metadata.row_groups.map((group) => ({
    ...group,
    columns: group.columns.filter(({ meta_data }) => meta_data?.path_in_schema.join(".") === leaf.join(".")),
  }));
  return { ...metadata, schema, row_groups };
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

function rowOf(bytes: unknown, label: unknown, index: number, what: string): Row {
  if (!(bytes instanceof Uint8Array))
    throw new BadInput(`Row ${index} of ${what} holds no picture, but at most the path of one; choose a data set that holds its pictures.`);
  const number = Number(label ?? -1);
  return { bytes, label: Number.isInteger(number) && number >= 0 ? number : null };
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
