/**
 * A file beside pictures that says their classes, in one of three forms.
 *
 * labels.json is an object from pictures or folders to class numbers: { "n01440764": 0, "cat/7.jpg": 281 }. A picture
 * is named by its path, as much of it as it takes, or by its bare name; its own entry goes before its folder's. It may
 * be wrapped, with names for all classes in the order of the network's outputs: { "labels": {...}, "classes": ["tench",
 * ...] }; classes alone list the folders in that order.
 *
 * labels.txt lists the folders in the order of the network's outputs, one a line, as ImageNet's synset lists do:
 * "n01440764 tench" is the folder's name and, after the first space, the class's. Empty lines do not count.
 *
 * val.txt or val_map.txt, as Caffe and MLPerf use them, has a line for each picture, its name and its class number:
 * "ILSVRC2012_val_00000001.JPEG 65".
 *
 * A label file lies in a folder that holds all pictures, at whatever depth: usually the one that was chosen.
 */
import { BadInput } from "../base/errors";
import { folderOf, type InputFile, nameOf } from "./files";

export interface LabelFile {
  /** Of every class in order, if they are given. */
  readonly classNames: readonly string[] | null;
  /** @throws BadInput if the file says nothing on this picture */
  classOf(picture: string): number;
}

const NAMES: readonly string[] = ["labels.json", "labels.txt", "val.txt", "val_map.txt"];

/** The label files among some paths: those whose folder holds all pictures. */
export function findLabelFiles(paths: readonly string[], pictures: readonly string[]): string[] {
  return paths.filter((path) => {
    const name = nameOf(path);
    if (!NAMES.includes(name)) return false;
    const folder = path.slice(0, -name.length);
    return pictures.every((picture) => picture.startsWith(folder));
  });
}

/**
 * @param pictures the paths of all of them
 * @param classes how many the network has, or null
 */
export function readLabelFile({ path, bytes }: InputFile, pictures: readonly string[], classes: number | null): LabelFile {
  // TextDecoder drops a byte order mark.
  const text = new TextDecoder().decode(bytes);
  if (path.endsWith(".json")) return readJson(path, text, pictures, classes);
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  return nameOf(path) === "labels.txt" ? readList(path, lines, pictures, classes) : readMap(path, lines, pictures, classes);
}

/** Pictures and their class numbers, one a line. */
function readMap(path: string, lines: readonly string[], pictures: readonly string[], classes: number | null): LabelFile {
  const entries = lines.map((line) => {
    const [, picture, number] = /^(\S.*?)\s+(\d+)$/.exec(line) ?? [];
    if (picture === undefined)
      throw new BadInput(
        `${path} has the line "${line.slice(0, 80)}"; expected a picture's name and its class number on each, or another name for the file.`,
      );
    return [picture, Number(number)] as const;
  });
  return { classNames: null, classOf: lookUp(path, checkEntries(path, entries, classes), pictures) };
}

function checkLength(path: string, names: readonly string[], classes: number | null): void {
  if (classes !== null && names.length !== classes)
    throw new BadInput(
      `${path} lists ${names.length} class${names.length === 1 ? "" : "es"}, but the network has ${classes}; list every class, in the order of the network's outputs.`,
    );
}

/** Folders in the order of the outputs. */
function readList(path: string, lines: readonly string[], pictures: readonly string[], classes: number | null): LabelFile {
  checkLength(path, lines, classes);
  const firstWord = (line: string) => line.split(/\s/, 1)[0] as string;
  const folders = new Set(pictures.map(folderOf));
  const classNames = lines.map((line) => (folders.has(line) ? line : line.slice(firstWord(line).length).trim() || line));
  const placesOf = (folder: string, named: (line: string) => string) => lines.flatMap((line, i) => (named(line) === folder ? [i] : []));
  const known = new Map<string, number>();
  const classOf = (picture: string): number => {
    const folder = folderOf(picture);
    const before = known.get(folder);
    if (before !== undefined) return before;
    // A folder's name may hold spaces itself: whole lines go before first words.
    const lineItself = placesOf(folder, (line) => line);
    const places = lineItself.length > 0 ? lineItself : placesOf(folder, firstWord);
    if (places.length > 1) throw new BadInput(`${path} lists the folder ${folder} more than once; keep one line of it.`);
    if (places.length === 0)
      throw new BadInput(
        folder && !/\.zip$/i.test(folder)
          ? `${path} does not list the folder ${folder}, in which ${nameOf(picture)} lies; add it at its class's place.`
          : `${path} lists folders, but ${nameOf(picture)} lies in none; use a labels.json that names pictures.`,
      );
    known.set(folder, places[0] as number);
    return places[0] as number;
  };
  return { classNames, classOf };
}

type Entries = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Entries {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readJson(path: string, text: string, pictures: readonly string[], classes: number | null): LabelFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new BadInput(`${path} is no valid JSON (${(error as Error).message}); expected an object from pictures or folders to class numbers.`);
  }
  if (!isObject(content)) throw new BadInput(`${path} holds no object; expected one from pictures or folders to class numbers.`);
  const wrapped = isObject(content.labels) || Array.isArray(content.classes);
  const names = wrapped && content.classes !== undefined ? readNames(path, content.classes) : null;
  if (wrapped && content.labels === undefined) return readList(path, names as readonly string[], pictures, classes);
  if (names) checkLength(path, names, classes);
  const entries = wrapped ? content.labels : content;
  if (!isObject(entries)) throw new BadInput(`"labels" of ${path} is no object; expected one from pictures or folders to class numbers.`);
  return { classNames: names, classOf: lookUp(path, checkEntries(path, Object.entries(entries), classes ?? names?.length ?? null), pictures) };
}

function readNames(path: string, names: unknown): readonly string[] {
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  throw new BadInput(`"classes" of ${path} is no list of texts; expected a name for each class, in the order of the network's outputs.`);
}

function checkEntries(path: string, entries: readonly (readonly [string, unknown])[], classes: number | null): Map<string, number> {
  for (const [key, value] of entries) {
    const expected = classes === null ? "an integer from 0" : `a class number from 0 to ${classes - 1}`;
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= (classes ?? 2 ** 31))
      throw new BadInput(
        `${path} gives ${key} the class ${typeof value === "object" ? "that a list or an object is" : JSON.stringify(value)}; expected ${expected}.`,
      );
  }
  return new Map(entries as readonly (readonly [string, number])[]);
}

function lookUp(path: string, entries: Map<string, number>, pictures: readonly string[]): (picture: string) => number {
  const bearers = new Map<string, number>();
  for (const picture of pictures) bearers.set(nameOf(picture), (bearers.get(nameOf(picture)) ?? 0) + 1);
  return (picture) => {
    const parts = picture.split("/");
    for (let from = 0; from < parts.length; from++) {
      const key = parts.slice(from).join("/");
      const found = entries.get(key);
      if (found === undefined) continue;
      if (from === parts.length - 1 && (bearers.get(key) as number) > 1)
        throw new BadInput(`${path} gives a class to ${key}, but ${bearers.get(key)} pictures bear that name; write their paths.`);
      return found;
    }
    for (let from = 0; from < parts.length - 1; from++) {
      const found = entries.get(parts.slice(from, -1).join("/"));
      if (found !== undefined) return found;
    }
    const folder = folderOf(picture);
    throw new BadInput(`${path} gives no class to ${picture}; add an entry for it${folder ? ` or for its folder ${folder}` : ""}.`);
  };
}
