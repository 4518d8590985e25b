/**
 * Where a file comes from: recipe and fingerprint that the lab writes into what it exports, so that a file alone brings its settings back
 * and can be checked. ONNX keeps them in `metadata_props`, TF.js in `userDefinedMetadata`, safetensors in its header, the HTML report in
 * its head; report.json and recipe.json are JSON themselves. A file may be a stranger's: what is read is checked like a link.
 */
import { unzipSync } from "fflate";
import { BadInput } from "../../base/errors";
import { z } from "../../base/zod";
import { ONNX_CONTAINERS, type OnnxContainer } from "../../export/catalog";
import { parseRecipe } from "../recipe/schema";
import { arithmeticOf } from "./arithmetic";
import { fingerprintSchema } from "./fingerprint-schema";
import { onnxMetadata } from "./onnx-metadata";
import type { RandomAccess } from "./random-access";
import type { Headline, SharedRun } from "./shared";

export type ProvenanceKind = "onnx" | "tfjs" | "safetensors" | "html" | "report" | "recipe";

export interface Provenance {
  readonly kind: ProvenanceKind;
  readonly run: SharedRun;
  /** The narrowest type that an ONNX file keeps weights in. */
  readonly container: OnnxContainer;
}

/** Texts of more bytes are no metadata of the lab's. */
const MOST_TEXT = 64 * 2 ** 20;

/** The JSON in an HTML report (export/html.ts), as an attribute's value. */
const HTML_BLOCK = /<meta name="brecq-lab" content="([^"]*)">/;

type Fields = Readonly<Record<string, unknown>>;

/** @returns null for a file that says nothing of the lab; @throws BadInput where what it says is damaged or no recipe that the lab knows */
export async function readProvenance(name: string, file: RandomAccess): Promise<Provenance | null> {
  const found = await find(name, file);
  if (!found) return null;
  return { kind: found.kind, run: sharedOf(found.fields, name), container: containerOf(found.fields) };
}

interface Found {
  readonly kind: ProvenanceKind;
  readonly fields: Fields;
}

async function find(name: string, file: RandomAccess): Promise<Found | null> {
  if (/\.onnx$/i.test(name)) return fromOnnx(name, file);
  if (/\.safetensors$/i.test(name)) return fromSafetensors(name, file);
  if (file.size > MOST_TEXT) return null;
  const text = async () => new TextDecoder().decode(await file.read(0, file.size));
  if (/\.html?$/i.test(name)) {
    const block = HTML_BLOCK.exec(await text())?.[1];
    return block === undefined ? null : { kind: "html", fields: json(unescaped(block), name) };
  }
  if (/\.json$/i.test(name)) return fromJson(await text());
  if (/\.zip$/i.test(name)) return fromZip(await file.read(0, file.size));
  return null;
}

async function fromOnnx(name: string, file: RandomAccess): Promise<Found | null> {
  const metadata = await onnxMetadata(file).catch(() => new Map<string, string>());
  const own = [...metadata].filter(([key]) => key.startsWith("brecq_lab."));
  if (!metadata.has("brecq_lab.recipe")) return null;
  return { kind: "onnx", fields: Object.fromEntries(own.map(([key, value]) => [key.slice("brecq_lab.".length), json(value, name)])) };
}

async function fromSafetensors(name: string, file: RandomAccess): Promise<Found | null> {
  if (file.size < 8) return null;
  const head = await file.read(0, 8);
  const length = Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));
  if (length > Math.min(MOST_TEXT, file.size - 8)) return null;
  const header = loose(new TextDecoder().decode(await file.read(8, 8 + length)));
  const own = (header?.__metadata__ as Fields | undefined)?.["brecq-lab"];
  return typeof own === "string" ? { kind: "safetensors", fields: json(own, name) } : null;
}

function fromJson(text: string): Found | null {
  const value = loose(text);
  if (!value) return null;
  const model = (value.userDefinedMetadata as Fields | undefined)?.brecq_lab;
  if (isFields(model)) return { kind: "tfjs", fields: model };
  if (isFields(value.recipe) && isFields(value.fingerprint))
    return { kind: "quantization_config" in value ? "safetensors" : "report", fields: value };
  return isFields(value.model) && isFields(value.weights) && "version" in value ? { kind: "recipe", fields: { recipe: value } } : null;
}

/** What the page saves in a zip: a TF.js model with its weights, or packed weights with their JSON. */
function fromZip(bytes: Uint8Array): Found | null {
  try {
    const wanted = ({ name, originalSize }: { name: string; originalSize: number }) =>
      /(^|\/)model\.json$|\.safetensors\.json$/.test(name) && originalSize < MOST_TEXT;
    const [file] = Object.values(unzipSync(bytes, { filter: wanted }));
    return file ? fromJson(new TextDecoder().decode(file)) : null;
  } catch {
    return null;
  }
}

const unescaped = (text: string) =>
  text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => ({ lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" })[name] as string);

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function loose(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

/** What the lab wrote itself. @throws BadInput where it is no JSON */
function json(text: string, name: string): Fields {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    throw new BadInput(`${name} says that the lab made it, but what it says is damaged; export it again.`);
  }
}

const accuracy = z
  .object({ top1: z.number().nullable(), agreement: z.number(), images: z.number(), meanIou: z.number().nullable().optional() })
  .transform(({ meanIou, ...rest }) => (meanIou === undefined ? rest : { ...rest, meanIou }));
const schema = z.object({
  fingerprint: fingerprintSchema.nullable().default(null),
  arithmetic: z.coerce.number().int().min(1).optional(),
  accuracy: z.object({ fullPrecision: accuracy, nearest: accuracy, quantized: accuracy }).optional(),
  evaluatedOn: z.enum(["evaluation", "calibration"]).optional(),
  size: z.object({ fullPrecision: z.number(), quantized: z.number() }).nullable().optional(),
  device: z.object({ kind: z.enum(["wasm", "webgpu"]), description: z.string().max(300) }).optional(),
});

function sharedOf(fields: Fields, name: string): SharedRun {
  const recipe = parseRecipe(fields.recipe, `The recipe in ${name}`);
  const parsed = schema.safeParse(fields);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new BadInput(`${name} says that the lab made it, but its ${issue?.path.join(".")} is damaged; export it again.`);
  }
  const { fingerprint, arithmetic, device, accuracy: own } = parsed.data;
  return {
    recipe: device ? { ...recipe, device: device.kind } : recipe,
    ...{ fingerprint, lossError: 0, arithmetic: arithmeticOf({ arithmetic }), widths: null },
    headline: fingerprint && own && device ? headlineOf(parsed.data, own, device) : null,
  };
}

function headlineOf({ evaluatedOn, size }: z.infer<typeof schema>, own: Headline["accuracy"], { kind, description }: Headline["device"]): Headline {
  return { accuracy: own, evaluatedOn: evaluatedOn ?? "evaluation", size: size ?? null, device: { kind, description }, seconds: null, date: null };
}

/** Of the containers that the layers' weights lie in, the narrowest: what the export was asked for. */
function containerOf({ weights }: Fields): OnnxContainer {
  const names = Object.values(isFields(weights) ? weights : {}).map((layer) => String((layer as Fields)?.container).toLowerCase());
  const bits = (name: string) => Number(/\d+$/.exec(name)?.[0]);
  return [...ONNX_CONTAINERS].sort((a, b) => bits(a) - bits(b)).find((name) => names.includes(name)) ?? "int8";
}
