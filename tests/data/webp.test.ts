/** WebP: what an encoder of the same library wrote comes back, and the exact trouble of files that are not read. */
import { describe, expect, test } from "vitest";
import { readImages } from "../../src/data";
import { PLAIN, WEBP, webp } from "./support";

const read = (bytes: Uint8Array, name = "a.webp") => readImages([{ path: `s/${name}`, bytes }], PLAIN, "s").then(({ set }) => set);

describe("WebP", () => {
  test("lossless comes back bit for bit, without its opacity, whatever it is called", async () => {
    const bytes = await webp({ lossless: 1, exact: 1 });
    const set = await read(bytes);
    expect([set.height, set.width, set.channels]).toEqual([WEBP.height, WEBP.width, 3]);
    expect(set.pixels).toEqual(WEBP.rgb);
    expect((await read(bytes, "a.png")).pixels).toEqual(WEBP.rgb);
  });

  test("lossy comes back nearly", async () => {
    const { pixels } = await read(await webp({ quality: 95 }));
    const error = WEBP.rgb.reduce((sum, value, i) => sum + (value - (pixels[i] as number)) ** 2, 0) / WEBP.rgb.length;
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(9);
  });

  test("animated, truncated, damaged and huge files are refused by name, and the next one is decoded", async () => {
    const bytes = await webp({ quality: 80 });
    expect(String.fromCharCode(...bytes.subarray(12, 16))).toBe("VP8X");
    await expect(read(bytes.with(20, (bytes[20] as number) | 2))).rejects.toThrow("s/a.webp is an animated WebP, expected a single picture");
    for (const wrong of [bytes.slice(0, -40), bytes.slice(0, 20), bytes.slice(0, 12)])
      await expect(read(wrong)).rejects.toThrow("s/a.webp cannot be decoded (damaged or truncated WebP data); replace or remove it.");
    await expect(read(Uint8Array.from([...bytes.subarray(0, 30), ...new Uint8Array(bytes.length - 30)]))).rejects.toThrow("cannot be decoded");
    await expect(read(bytes.with(25, 255).with(28, 255))).rejects.toThrow("s/a.webp declares 65318x65325 pixels; pictures of up to 40 million");
    expect((await read(bytes)).count).toBe(1);
  });
});
