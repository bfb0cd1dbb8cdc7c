"""Everything training needs from npm, small enough to carry to a machine without network or node: `python -m data.pack OUT`.

Only the sprites in use, the names, and the features that perceptual.py read; copied over data-cache/ there, nothing is fetched.
"""
import shutil
import sys
from pathlib import Path

from data.fetch_assets import CACHE, fetch
from data.worlds import WORLDS_128, Sprites


def pack(out):
    from perceptual import DISTANCE, PERCEPTUAL, load
    out, sprites = Path(out), Sprites()
    files = {f'assets/{file}.webp' for name in WORLDS_128.classes for file in sprites.files(name)}
    for folder, wanted in (('sprites', {'package.json', *files}), ('names', {'package.json', 'en/data.json'})):
        for name in sorted(wanted):
            target = out / folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(fetch(folder) / name, target)
    for network, wanted in (PERCEPTUAL, DISTANCE):
        load(network, wanted)
        shutil.copy(CACHE / f'features-{network}.pt', out)
    return sum(f.stat().st_size for f in out.rglob('*') if f.is_file())


if __name__ == '__main__':
    print(f'{sys.argv[1]}: {pack(sys.argv[1]) / 1e6:.1f} MB')
