/**
 * The outermost fields of a protobuf message, each by its place: an ONNX file's metadata are found without decoding its graph
 * (Protocol Buffers, "Encoding").
 */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { RandomAccess } from "./random-access";

export interface Field {
  readonly number: number;
  readonly first: number;
  readonly end: number;
}

/** A tag and a length are ten bytes each at most. */
const WINDOW = 20;

/** The fields that hold bytes, text or messages, in order. @throws Error where the bytes are no message */
export async function fieldsOf(file: RandomAccess, first = 0, end: number = file.size): Promise<Field[]> {
  const fields: Field[] = [];
  let at = first;
  while (at < end) {
    const reader = new BinaryReader(await file.read(at, Math.min(end, at + WINDOW)));
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      const length = reader.uint32();
      const start = at + reader.pos;
      if (start + length > end) throw new Error("A field breaks off");
      fields.push({ number, first: start, end: start + length });
      at = start + length;
    } else {
      reader.skip(type);
      at += reader.pos;
    }
  }
  return fields;
}
