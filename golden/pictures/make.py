"""Pictures of every kind that the command line reads, and their pixels as Pillow sees them: python golden/pictures/make.py"""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

here = Path(__file__).parent
y, x = np.mgrid[0:16, 0:24]
photo = Image.fromarray(np.stack([x * 10, y * 15, (x * y * 3) % 256], -1).astype(np.uint8))


def keep(name: str, image: Image.Image, **options) -> None:
    image.save(here / name, **options)
    upright = ImageOps.exif_transpose(Image.open(here / name)).convert("RGB")
    (here / f"{name}.rgb").write_bytes(upright.tobytes())


turned = Image.Exif()
turned[0x0112] = 6
stored = photo.transpose(Image.Transpose.ROTATE_90)

keep("photo.png", photo)
keep("photo.jpg", photo, quality=85)
keep("photo.webp", photo, quality=85)
keep("lossless.webp", photo, lossless=True)
keep("turned.jpg", stored, quality=85, exif=turned)
keep("turned.webp", stored, quality=85, exif=turned)
keep("grey.jpg", photo.convert("L"), quality=85)
keep("palette.png", photo.quantize(16))
(here / "photo-8x8.png.rgb").write_bytes(photo.resize((8, 8), Image.Resampling.BICUBIC).tobytes())
photo.convert("CMYK").save(here / "cmyk.jpg")
photo.save(here / "animated.webp", save_all=True, append_images=[stored.resize((24, 16))], duration=100)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# Pillow writes no interlaced PNG: the seven passes of Adam7, each line with filter 0.
pixels = np.asarray(photo)
passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
lines = [b"\0" + line.tobytes() for x0, y0, dx, dy in passes for line in pixels[y0::dy, x0::dx] if line.size]
header = struct.pack(">IIBBBBB", 24, 16, 8, 2, 0, 0, 1)
parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(lines), 9)) + chunk(b"IEND", b"")
(here / "interlaced.png").write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
(here / "interlaced.png.rgb").write_bytes(Image.open(here / "interlaced.png").convert("RGB").tobytes())
