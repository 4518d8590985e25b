/**
 * A trial as a TensorBoard event file: the reconstruction loss of each unit over its iterations, and what came out at the end. The file is
 * a sequence of TFRecords (tensorflow/core/lib/io/record_writer.h: length, masked CRC-32C of it, data, masked CRC-32C of that), each an
 * Event (tensorflow/core/util/event.proto).
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { createCRC32 } from "hash-wasm";
import type { Report } from "../run/report";

/** The polynomial of Castagnoli, reversed. */
const CASTAGNOLI = 0x82f63b78;
const MASK = 0xa282ead8;

export interface Scalar {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

/** What a trial has to show: curves by unit, and its figures as single points. */
export function scalarsOf({ units, accuracy, size }: Report): Scalar[] {
  const curves = units.flatMap(({ name, loss }) =>
    loss.sampled.map(([iteration, value]) => ({ tag: `reconstruction_loss/${name}`, step: iteration, value })),
  );
  const single = (tag: string, value: number | null | undefined): Scalar[] => (typeof value === "number" ? [{ tag, step: 0, value }] : []);
  return [
    ...curves,
    ...Object.entries(accuracy).flatMap(([name, { top1, agreement }]) => [
      ...single(`top1/${name}`, top1),
      ...single(`agreement/${name}`, agreement),
    ]),
    ...single("size/bytes", size?.quantized),
  ];
}

/** @param wallTime seconds since 1970 that all events bear */
export async function eventFile(scalars: readonly Scalar[], wallTime: number): Promise<Uint8Array> {
  const checksum = await createCRC32(CASTAGNOLI);
  const masked = (bytes: Uint8Array): number => {
    const crc = Number.parseInt(checksum.init().update(bytes).digest("hex"), 16);
    return (((crc >>> 15) | (crc << 17)) + MASK) >>> 0;
  };
  const events = [versionEvent(wallTime), ...scalars.map((scalar) => scalarEvent(scalar, wallTime))];
  const bytes = new Uint8Array(events.reduce((sum, { length }) => sum + length + 16, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const event of events) {
    view.setBigUint64(at, BigInt(event.length), true);
    view.setUint32(at + 8, masked(bytes.subarray(at, at + 8)), true);
    bytes.set(event, at + 12);
    view.setUint32(at + 12 + event.length, masked(event), true);
    at += event.length + 16;
  }
  return bytes;
}

/** Event: wall_time = 1, step = 2, file_version = 3, summary = 5. */
function versionEvent(wallTime: number): Uint8Array {
  return new BinaryWriter().tag(1, WireType.Bit64).double(wallTime).tag(3, WireType.LengthDelimited).string("brain.Event:2").finish();
}

/** Summary: value = 1; Summary.Value: tag = 1, simple_value = 2. */
function scalarEvent({ tag, step, value }: Scalar, wallTime: number): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.Bit64).double(wallTime).tag(2, WireType.Varint).int64(step);
  writer.tag(5, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(tag).tag(2, WireType.Bit32).float(value);
  return writer.join().join().finish();
}
