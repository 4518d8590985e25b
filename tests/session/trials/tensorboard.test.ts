/** Event files, read by the rules of TFRecord and of event.proto, with checksums computed bit by bit. */
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { eventFile } from "../../../src/session/trials/tensorboard";

function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function records(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer);
  const found: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(maskedCrc(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(maskedCrc(data));
    found.push(data);
    at += length + 16;
  }
  return found;
}

/** Fields of a message by number, each as its bytes or value. */
function fields(bytes: Uint8Array): Map<number, unknown> {
  const reader = new BinaryReader(bytes);
  const found = new Map<number, unknown>();
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    found.set(number, type === 0 ? Number(reader.int64()) : type === 1 ? reader.double() : type === 5 ? reader.float() : reader.bytes());
  }
  return found;
}

test("CRC-32C is the one of RFC 3720", () => {
  const masked = maskedCrc(new TextEncoder().encode("123456789"));
  const crc = (masked - 0xa282ead8) >>> 0;
  expect(((crc >>> 17) | (crc << 15)) >>> 0).toBe(0xe3069283);
});

test("scalars stand in the file with tag, step, value and time", async () => {
  const scalars = [
    { tag: "top1/quantized", step: 0, value: 91.5 },
    { tag: "reconstruction_loss/layer1.0", step: 20000, value: 0.125 },
  ];
  const [version, ...events] = records(await eventFile(scalars, 1_800_000_000)).map(fields);
  expect(new TextDecoder().decode(version?.get(3) as Uint8Array)).toBe("brain.Event:2");
  const read = events.map((event) => {
    const value = fields(fields(event.get(5) as Uint8Array).get(1) as Uint8Array);
    expect(event.get(1)).toBe(1_800_000_000);
    return { tag: new TextDecoder().decode(value.get(1) as Uint8Array), step: event.get(2), value: value.get(2) };
  });
  expect(read).toEqual(scalars);
});
