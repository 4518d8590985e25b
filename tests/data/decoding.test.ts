/** PNG and JPEG: every kind to the very pixels that Pillow decodes, and the exact trouble of those that are not read. */
import { describe, expect, test } from "vitest";
import { readImages } from "../../src/data";
import { fixtureBytes, fixtureFile, PLAIN } from "./support";

const read = (name: string, bytes?: Uint8Array) =>
  readImages([bytes ? { path: `s/${name}`, bytes } : fixtureFile(name)], PLAIN, "s").then(({ set }) => set);

describe("JPEG", () => {
  test.each(["colour-444", "colour-422", "colour-420", "progressive"])("%s", async (name) => {
    const set = await read(`${name}.jpg`);
    expect([set.height, set.width, set.channels]).toEqual([38, 45, 3]);
    expect(set.pixels).toEqual(fixtureBytes(`${name}.raw`));
  });

  test("a grey one has three equal channels", async () => {
    const set = await read("grey.jpg");
    expect(set.channels).toBe(3);
    expect(set.pixels).toEqual(Uint8Array.from([...fixtureBytes("grey.raw")].flatMap((value) => [value, value, value])));
  });

  test("is known by its content, not by its name", async () => {
    expect((await read("a.png", fixtureBytes("colour-420.jpg"))).pixels).toEqual(fixtureBytes("colour-420.raw"));
    await expect(read("a.jpg", Uint8Array.of(1, 2, 3))).rejects.toThrow("s/a.jpg is no PNG, JPEG or WebP by its content");
  });

  test("stray bytes between segments do no harm", async () => {
    const bytes = fixtureBytes("colour-420.jpg");
    const stray = Uint8Array.from([...bytes.subarray(0, 2), 0x12, 0x34, ...bytes.subarray(2)]);
    expect((await read("a.jpg", stray)).pixels).toEqual(fixtureBytes("colour-420.raw"));
  });

  test("CMYK, truncated and damaged files are refused by name, and the next file is decoded", async () => {
    await expect(read("cmyk.jpg")).rejects.toThrow("s/cmyk.jpg is a CMYK JPEG, expected grey or RGB; convert it to RGB or remove it.");
    const bytes = fixtureBytes("colour-420.jpg");
    const cut = bytes.slice(0, Math.floor(bytes.length * 0.8));
    await expect(read("cut.jpg", cut)).rejects.toThrow("s/cut.jpg is truncated");
    await expect(read("noend.jpg", bytes.slice(0, -2))).rejects.toThrow("s/noend.jpg is truncated");
    await expect(read("early.jpg", Uint8Array.from([...cut, 0xff, 0xd9]))).rejects.toThrow("s/early.jpg is truncated");
    await expect(read("head.jpg", bytes.slice(0, 2))).rejects.toThrow("s/head.jpg is truncated");
    // A frame of 12 bits a sample, on which the decoder gives up.
    const frame = bytes.findIndex((value, i) => value === 0xff && bytes[i + 1] === 0xc0);
    await expect(read("deep.jpg", bytes.with(frame + 4, 12))).rejects.toThrow(
      /s\/deep\.jpg cannot be decoded \(Unsupported JPEG data precision 12\)/,
    );
    expect((await read("colour-420.jpg")).pixels).toEqual(fixtureBytes("colour-420.raw"));
  });
});

describe("PNG", () => {
  test.each([
    ["palette-1", 3],
    ["palette-2", 3],
    ["palette-4", 3],
    ["palette-8", 3],
    ["palette-transparent", 3],
    ["grey-1", 1],
    ["grey-2", 1],
    ["grey-4", 1],
    ["grey-8", 1],
    ["grey-alpha", 1],
    ["grey-16", 1],
    ["rgba", 3],
    ["rgb-16", 3],
  ])("%s", async (name, channels) => {
    const set = await read(`${name}.png`);
    expect([set.height, set.width, set.channels]).toEqual([38, 45, channels]);
    expect(set.pixels).toEqual(fixtureBytes(`${name}.raw`));
  });

  test("damage and what is not read are told by name", async () => {
    const bytes = fixtureBytes("grey-8.png");
    await expect(read("cut.png", bytes.slice(0, 700))).rejects.toThrow(/s\/cut\.png cannot be decoded/);
    await expect(read("flipped.png", bytes.with(600, (bytes[600] as number) ^ 1))).rejects.toThrow(/s\/flipped\.png cannot be decoded \(CRC/);
    await expect(read("a.png", fixtureBytes("grey-1.png").with(28, 1))).rejects.toThrow("it is interlaced with fewer than 8 bits; save it without");
  });
});
