"""What both trainers share: data, a log with a plot, checkpoints every two minutes, moving averages, sample sheets."""
import argparse
import copy
import hashlib
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

import presets
from data import worlds

HERE = Path(__file__).resolve().parent
RUNS = HERE / 'runs'


def arguments(about, more=lambda parser: None):
    p = argparse.ArgumentParser(description=about)
    p.add_argument('--preset', default='mini', choices=presets.PRESETS)
    p.add_argument('--set', nargs='*', default=[], metavar='PATH=VALUE', help='e.g. transformer_run.steps=2000')
    p.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    p.add_argument('--runs', type=Path, default=HERE / 'runs', help='where checkpoints, logs and sheets go')
    p.add_argument('--threads', type=int, default=0, help='CPU threads; 0 = as PyTorch likes')
    more(p)
    a = p.parse_args()
    global RUNS
    RUNS = a.runs
    if a.threads:
        torch.set_num_threads(a.threads)
    return presets.override(presets.PRESETS[a.preset], a.set), a


def folder(preset):
    path = RUNS / preset.name
    path.mkdir(parents=True, exist_ok=True)
    return path


def scenes(preset, part='train'):
    """-> images uint8 (N, S, S, 3), labels (N,), objects (N, 5, 6); renders them the first time."""
    count, seed = (preset.scenes, 0) if part == 'train' else (preset.held_out, 1)
    world = hashlib.sha256(repr(preset.world).encode()).hexdigest()[:8]  # other options, other scenes
    path = HERE / 'data-cache' / f'{preset.name}-{part}-{count}-{world}'
    if not (path / 'classes.json').exists():
        worlds.render(path, preset.world, count, seed, workers=os.cpu_count())
    return [torch.from_numpy(np.load(path / f'{name}.npy')) for name in ('images', 'labels', 'objects')]


def pictures(images):                                       # uint8 (B, S, S, 3) -> float (B, 3, S, S) in [0, 1]
    return images.permute(0, 3, 1, 2).float() / 255


def learning_rate(step, steps, rate, warmup):
    """Linear warm-up, then a cosine down to 2 %."""
    if step < warmup:
        return rate * (step + 1) / warmup
    t = (step - warmup) / max(1, steps - warmup)
    return rate * (.02 + .98 * .5 * (1 + math.cos(math.pi * min(1, t))))


class Average:
    """Exponential moving average of a module, buffers copied; the early steps count less (warm start)."""

    def __init__(self, module, decay):
        self.module, self.decay = copy.deepcopy(module).eval().requires_grad_(False), decay

    @torch.no_grad()
    def update(self, module, step):
        decay = min(self.decay, (1 + step) / (10 + step))
        for mean, value in zip(self.module.parameters(), module.parameters()):
            mean.lerp_(value, 1 - decay)
        for mean, value in zip(self.module.buffers(), module.buffers()):
            mean.copy_(value)


class Log:
    """Appends JSON lines to <name>.jsonl, prints them, and draws <name>.png."""

    def __init__(self, path, name):
        self.file, self.plot, self.began = path / f'{name}.jsonl', path / f'{name}.png', time.time()

    def __call__(self, step, **numbers):
        row = {'step': step, 'seconds': round(time.time() - self.began), **{k: round(float(v), 5) for k, v in numbers.items()}}
        with self.file.open('a') as f:
            f.write(json.dumps(row) + '\n')
        print(' '.join(f'{k} {v}' for k, v in row.items()), flush=True)

    def draw(self, size=(640, 320)):
        """A line a quantity, each scaled to its own range; the legend has first, best and last."""
        rows = [json.loads(line) for line in self.file.read_text().splitlines()]
        image = Image.new('RGB', size, 'white')
        pen, colours = ImageDraw.Draw(image), ('#c33', '#36c', '#393', '#a3a', '#c80', '#088')
        for n, key in enumerate(k for k in (rows[-1] if rows else {}) if k not in ('step', 'seconds', 'rate')):
            points = [(r['step'], r[key]) for r in rows if key in r]
            low, high, last = min(v for _, v in points), max(v for _, v in points), max(1, points[-1][0])
            line = [(10 + (size[0] - 20) * s / last, size[1] - 10 - (size[1] - 90) * (v - low) / (high - low + 1e-9)) for s, v in points]
            if len(line) > 1:
                pen.line(line, fill=colours[n % 6], width=2)
            pen.text((10 + n % 2 * size[0] // 2, 5 + n // 2 * 14), f'{key} {low:.4g} … {high:.4g}, now {points[-1][1]:.4g}', fill=colours[n % 6])
        image.save(self.plot)


def save(path, **state):
    """Write whole or not at all: a run that is stopped while saving keeps the checkpoint before."""
    torch.save(state, f'{path}.part')
    os.replace(f'{path}.part', path)


def sheet(path, images, cols, zoom=2, gap=2):
    """images float (N, 3, S, S) -> PNG, `cols` a row, nearest neighbour."""
    n, side = len(images), images.shape[-1] * zoom
    rows = math.ceil(n / cols)
    page = Image.new('RGB', (cols * (side + gap), rows * (side + gap)), 'white')
    for i, picture in enumerate((images.float().clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()):
        page.paste(Image.fromarray(picture).resize((side, side), Image.NEAREST), (i % cols * (side + gap), i // cols * (side + gap)))
    page.save(path)
