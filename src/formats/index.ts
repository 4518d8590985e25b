/** Reads a network of any known format from the files that a person gave. */
import { BadInput } from "../base/errors";
import type { Graph } from "../graph/types";
import type { Format, ModelFile, ReadOptions } from "./format";
import { onnx } from "./onnx";
import { tfjs } from "./tfjs";

export const FORMATS: readonly Format[] = [onnx, tfjs];

const EXPECTED = "an ONNX file (.onnx) or a TensorFlow.js model (model.json with its weight files)";

/** Files that people try and that hold no network we can read, with what to do instead. */
const STRANGERS: readonly { match(file: ModelFile): boolean; advice: string }[] = [
  {
    match: ({ bytes }) => (bytes[0] === 0x80 && (bytes[1] ?? 9) <= 5) || (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3),
    advice:
      "is a PyTorch checkpoint or another archive, which holds weights without the network; export the model with torch.onnx.export and load the .onnx file",
  },
  {
    match: ({ bytes }) => bytes[0] === 0x89 && bytes[1] === 0x48 && bytes[2] === 0x44,
    advice: "is an HDF5 (Keras) file; convert the model to ONNX with tf2onnx and load the .onnx file",
  },
  { match: ({ bytes }) => text(bytes, 4, 8) === "TFL3", advice: "is a TensorFlow Lite model; load the ONNX file that it was made from" },
  {
    match: ({ path }) => /\.json$/i.test(path),
    advice: "is a JSON file without a network (no modelTopology); expected the model.json of a TensorFlow.js model",
  },
  {
    match: ({ path }) => /\.(bin|data)$/i.test(path),
    advice: "holds weights without the network; choose the model.json or .onnx file together with it",
  },
];

/**
 * The network in some files: one file, a file and those with its weights, or a zip archive of them.
 * @throws BadInput, also where several files hold a network; OpenInputSize where the size of the images is needed and not given
 */
export async function readModel(given: readonly ModelFile[], options: ReadOptions = {}): Promise<Graph> {
  const [first] = given;
  if (!first) throw new BadInput(`No file was given; choose ${EXPECTED}.`);
  const files = given.length === 1 && isZip(first) ? ((await import("./archive")).archiveOf(first, isNamedAsNetwork) ?? given) : given;
  const { format, main } = networkIn(files);
  return format.read(main, files, options);
}

const isZip = ({ bytes }: ModelFile) => bytes[0] === 0x50 && bytes[1] === 0x4b;
const isNamedAsNetwork = (path: string) => FORMATS.some(({ extension }) => extension.test(path));

/** Paths of the files that a model's file needs beside it, relative to its folder. */
export function companionsOf(file: ModelFile): readonly string[] {
  return FORMATS.find((format) => format.match(file))?.companions?.(file) ?? [];
}

function networkIn(files: readonly ModelFile[]): { format: Format; main: ModelFile } {
  const matching = FORMATS.flatMap((format) => files.filter((file) => format.match(file)).map((main) => ({ format, main })));
  // Weights may begin as a network would; a name says more.
  const named = matching.filter(({ format, main }) => format.extension.test(main.path));
  const found = named.length > 0 ? named : matching;
  if (found.length > 1)
    throw new BadInput(`These files hold several networks (${found.map(({ main }) => main.path).join(", ")}); choose one of them with its weights.`);
  if (found[0]) return found[0];
  for (const file of files) {
    if (file.bytes.length === 0) throw new BadInput(`${file.path} is empty; choose ${EXPECTED}.`);
    const stranger = STRANGERS.find(({ match }) => match(file));
    if (stranger) throw new BadInput(`${file.path} ${stranger.advice}.`);
  }
  const [first] = files as [ModelFile];
  const what = files.length === 1 ? `${first.path} is no model` : `None of the ${files.length} files, ${first.path} and others, is a model`;
  throw new BadInput(`${what} that the lab reads; expected ${EXPECTED}.`);
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
