"""Fetch the sprites, their names and the perceptual network from npm: `python -m data.fetch_assets`.

Everything is a published package at a fixed version (all MIT), unpacked into data-cache/<folder>/.
"""
import io
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / 'data-cache'
PACKAGES = {
    'sprites': '@lobehub/fluent-emoji-3d@1.1.0',  # Microsoft's Fluent Emoji, 256 px WebP with alpha
    'names': 'emojibase-data@17.0.0',             # English label -> code point
    'nsfwjs': 'nsfwjs@4.3.0',                     # carries a MobileNetV2 started from ImageNet: the perceptual loss
}


def fetch(folder):
    """-> path of the unpacked package; downloads it the first time."""
    target = CACHE / folder
    if not (target / 'package.json').exists():
        with tempfile.TemporaryDirectory() as tmp:
            done = subprocess.run(['npm', 'pack', PACKAGES[folder], '--json', '--pack-destination', tmp],
                                  check=True, capture_output=True, text=True)
            json.loads(done.stdout)  # npm prints a list of what it packed; anything else is a failure worth seeing
            archive = next(Path(tmp).glob('*.tgz')).read_bytes()
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar.getmembers():
                member.name = member.name.split('/', 1)[-1]  # npm puts everything under package/
                tar.extract(member, target, filter='data')
    return target


if __name__ == '__main__':
    for name in PACKAGES:
        print(fetch(name))
