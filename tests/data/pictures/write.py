"""Writes the pictures beside it, and what Pillow makes of them, as the readers' tests expect them.

NAME.jpg and NAME.png come with NAME.raw: the bytes that Pillow decodes, [height, width, channels]. resize/ holds a
source and its bilinear resizes, SOURCE-WIDTHxHEIGHT.raw. Run it with Pillow and NumPy (Debian: python3-pil
python3-numpy): python3 write.py
"""
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
WIDTH, HEIGHT = 45, 38  # no whole number of 8x8 or 16x16 blocks, nor of bytes at 1 to 4 bits a pixel


def scene(height, width):
    """Edges, slopes and noise in three channels that differ."""
    y, x = np.mgrid[0:height, 0:width]
    noise = np.random.default_rng(7).integers(-24, 25, (height, width, 3))
    planes = [x * 5 + y * 2, 128 + 100 * np.sin(x / 5) * np.cos(y / 4), y * 6 + (x // 6 % 2) * 60]
    return (np.stack(planes, -1) % 256 + noise).clip(0, 255).astype(np.uint8)


def keep(name, pixels):
    np.ascontiguousarray(pixels, np.uint8).tofile(HERE / f"{name}.raw")


def jpeg(name, image, **options):
    image.save(HERE / f"{name}.jpg", quality=85, **options)
    keep(name, Image.open(HERE / f"{name}.jpg"))


def png(name, image, pixels, **options):
    image.save(HERE / f"{name}.png", **options)
    keep(name, pixels)


def png_by_hand(name, kind, depth, lines, pixels):
    """For what Pillow does not write. `lines` are the packed rows."""

    def chunk(what, body):
        return struct.pack(">I", len(body)) + what + body + struct.pack(">I", zlib.crc32(what + body))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, kind, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + line for line in lines))
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    (HERE / f"{name}.png").write_bytes(file)
    keep(name, pixels)


def packed(values, depth):
    """Rows of values below 2^depth, each row padded to a whole byte."""
    bits = np.unpackbits(values.astype(np.uint8)[..., None], axis=-1)[..., 8 - depth :]
    return [row.tobytes() for row in np.packbits(bits.reshape(len(values), -1), axis=-1)]


colour = Image.fromarray(scene(HEIGHT, WIDTH))
grey = colour.convert("L")
jpeg("colour-444", colour, subsampling=0)
jpeg("colour-422", colour, subsampling=1)
jpeg("colour-420", colour, subsampling=2)
jpeg("progressive", colour, subsampling=2, progressive=True)
jpeg("grey", grey)
colour.convert("CMYK").save(HERE / "cmyk.jpg", quality=85)

rng = np.random.default_rng(3)
for bits in (1, 2, 4, 8):
    image = colour.quantize(2**bits)
    png(f"palette-{bits}", image, image.convert("RGB"), bits=bits)
image = colour.quantize(16)
png("palette-transparent", image, image.convert("RGB"), bits=4, transparency=bytes(range(0, 256, 16)))
opacity = rng.integers(0, 256, (HEIGHT, WIDTH), np.uint8)
png("grey-8", grey, grey)
png("grey-alpha", Image.merge("LA", [grey, Image.fromarray(opacity)]), grey)
png("rgba", Image.merge("RGBA", [*colour.split(), Image.fromarray(opacity)]), colour)
black = grey.convert("1")
png("grey-1", black, black.convert("L"))
for bits in (2, 4):
    values = np.asarray(grey) >> (8 - bits)
    png_by_hand(f"grey-{bits}", 0, bits, packed(values, bits), values * (255 // (2**bits - 1)))
deep = rng.integers(0, 65536, (HEIGHT, WIDTH, 3))
png("grey-16", Image.fromarray(deep[..., 0].astype(np.uint16)), deep[..., 0] >> 8)
png_by_hand("rgb-16", 2, 16, [row.astype(">u2").tobytes() for row in deep], deep >> 8)

(HERE / "resize").mkdir(exist_ok=True)
for name, image, sizes in (
    ("colour-37x23", Image.fromarray(scene(23, 37)), ((16, 11), (5, 3), (50, 31), (20, 40), (37, 9), (64, 23))),
    ("grey-31x17", Image.fromarray(scene(17, 31)[..., 1]), ((13, 8), (40, 40), (9, 33))),
):
    keep(f"resize/{name}", image)
    for size in sizes:
        keep(f"resize/{name}-{size[0]}x{size[1]}", image.resize(size, Image.BILINEAR))
