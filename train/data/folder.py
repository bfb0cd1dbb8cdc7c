"""Any folder of pictures as a data set: `python -m data.folder PICTURES OUT SIZE`.

PICTURES/<class>/*.{jpg,png,webp} -> images.npy uint8 (N, SIZE, SIZE, 3), labels.npy, objects.npy (none), classes.json,
the files that run.scenes reads; pictures are cropped to their middle square. One more class, `empty`, has no pictures.
"""
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

KINDS = {'.jpg', '.jpeg', '.png', '.webp'}


def read(pictures, out, size):
    names = sorted(p.name for p in Path(pictures).iterdir() if p.is_dir())
    files = [(f, i) for i, name in enumerate(names) for f in sorted(Path(pictures, name).iterdir()) if f.suffix.lower() in KINDS]
    assert files, f'no pictures in the sub-folders of {pictures}'
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    images = np.lib.format.open_memmap(out / 'images.npy', 'w+', np.uint8, (len(files), size, size, 3))
    for k, (file, _) in enumerate(files):
        picture = ImageOps.exif_transpose(Image.open(file)).convert('RGB')
        images[k] = np.asarray(ImageOps.fit(picture, (size, size), Image.LANCZOS))
    np.save(out / 'labels.npy', np.array([label for _, label in files]))
    np.save(out / 'objects.npy', np.full((len(files), 5, 6), -1, np.int16))
    (out / 'classes.json').write_text(json.dumps([*names, 'empty']))
    return names


if __name__ == '__main__':
    print(*read(sys.argv[1], sys.argv[2], int(sys.argv[3])), sep='\n')
