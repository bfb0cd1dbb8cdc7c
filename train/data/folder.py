"""Any folder of pictures as a data set. Two layouts are read:

    PICTURES/<class>/*.{jpg,jpeg,png,webp}           one sub-folder a class
    PICTURES/labels.json and the pictures beside it  {"classes": [names], "images": [{"file": name, "label": number}]},
                                                     loose or in *.tar (as the Market Produce data set is laid out)

Pictures are turned as their EXIF says, cropped to their middle square and resized. They have no boxes, so the
transformer gets no box samples. Every 20th picture is held out.
"""
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

KINDS = {'.jpg', '.jpeg', '.png', '.webp'}
EVERY = 20  # one picture of so many is held out


@dataclass(frozen=True)
class FolderOptions:
    pictures: str
    size: int
    classes: tuple            # names of the sub-folders, or those in labels.json
    title: str

    @staticmethod
    def of(pictures, size):
        pictures = Path(pictures).resolve()
        assert pictures.is_dir(), f'{pictures} is no folder: give a folder of pictures with --data'
        return FolderOptions(str(pictures), size, tuple(listed(pictures)[0]), pictures.name.replace('_', ' ').title())


def listed(pictures):
    """-> class names, [(picture name, class number)] in a fixed order."""
    if (pictures / 'labels.json').exists():
        labels = json.loads((pictures / 'labels.json').read_text())
        return labels['classes'], [(image['file'], image['label']) for image in labels['images']]
    names = sorted(p.name for p in pictures.iterdir() if p.is_dir() and not p.name.startswith('.'))
    files = [(f'{name}/{f.name}', i) for i, name in enumerate(names) for f in sorted((pictures / name).iterdir()) if f.suffix.lower() in KINDS]
    assert files, f'no pictures in the sub-folders of {pictures}: make one sub-folder a class and put .jpg, .png or .webp files there'
    return names, files


def opener(pictures):
    """-> open(name): a picture's bytes, loose or out of a tar in the same folder."""
    packed = {}
    for file in sorted(pictures.glob('*.tar')):
        tar = tarfile.open(file)
        packed |= {Path(member.name).name: (tar, member) for member in tar if member.isfile()}

    def read(name):
        if name in packed and not (pictures / name).exists():
            tar, member = packed[name]
            return io.BytesIO(tar.extractfile(member).read())
        return pictures / name
    return read


def prepare(out, options, part):
    """Write what run.scenes reads: images.npy uint8 (N, size, size, 3), labels.npy (N,), objects.npy (N, 5, 6) of -1, classes.json."""
    pictures, size, out = Path(options.pictures), options.size, Path(out)
    held = [i % EVERY == EVERY // 2 for i in range(len(listed(pictures)[1]))]
    files = [file for file, h in zip(listed(pictures)[1], held) if h == (part == 'held-out')]
    if not files:  # too few to hold any out: look at how it does on those it learned
        files = listed(pictures)[1]
    read = opener(pictures)
    out.mkdir(parents=True, exist_ok=True)
    images = np.lib.format.open_memmap(out / 'images.npy', 'w+', np.uint8, (len(files), size, size, 3))
    for k, (file, _) in enumerate(files):
        try:
            picture = ImageOps.exif_transpose(Image.open(read(file))).convert('RGB')
        except OSError as error:
            raise SystemExit(f'{pictures / file} cannot be read as a picture ({error}): remove it or replace it') from None
        images[k] = np.asarray(ImageOps.fit(picture, (size, size), Image.LANCZOS))
    np.save(out / 'labels.npy', np.array([label for _, label in files], np.int64))
    np.save(out / 'objects.npy', np.full((len(files), 5, 6), -1, np.int16))
    (out / 'classes.json').write_text(json.dumps(options.classes))


def fingerprint(options):
    """Changes when the pictures do: names, sizes and times of all files."""
    files = sorted(p for p in Path(options.pictures).rglob('*') if p.is_file())
    return hashlib.sha256(repr([options, *((str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in files)]).encode()).hexdigest()[:8]
