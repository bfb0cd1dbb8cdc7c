"""What both trainers share: data, several GPUs, the clock, a log with a plot, checkpoints every two minutes, moving averages, sample sheets."""
import argparse
import atexit
import contextlib
import copy
import dataclasses
import datetime
import gc
import hashlib
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from PIL import Image, ImageDraw

import presets
from data import folder as folders, worlds

HERE = Path(__file__).resolve().parent
RUNS = HERE / 'runs'
BEGAN = time.time()
NOT_FINISHED = 75  # exit code of a trainer that --minutes stopped: the same command goes on


def arguments(about, more=lambda parser: None):
    """-> the preset as asked for, the parsed arguments."""
    p = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--preset', default='mini', choices=presets.PRESETS)
    p.add_argument('--set', nargs='*', default=[], metavar='PATH=VALUE', help='e.g. transformer_run.steps=2000')
    p.add_argument('--data', type=Path, metavar='FOLDER', help='train on your own pictures, one sub-folder a class (data/folder.py)')
    p.add_argument('--size', type=int, default=64, help='with --data: pixels a side')
    p.add_argument('--name', default='', help='with --data: name of the run and of the model; default: the folder\'s')
    p.add_argument('--objective', default='masked', choices=('masked', 'raster'), help='raster: the causal baseline, on the tokens of the same tokenizer')
    p.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    p.add_argument('--dtype', choices=('bf16', 'f32'), help='of the products; by default bf16, but f32 on processors that are slow at it')
    p.add_argument('--compile', action=argparse.BooleanOptionalAction, help='torch.compile; by default on CUDA only')
    p.add_argument('--minutes', type=float, default=0, help=f'stop this call after so many, with a checkpoint and exit code {NOT_FINISHED}; 0 = run to the end')
    p.add_argument('--runs', type=Path, default=HERE / 'runs', help='where checkpoints, logs and sheets go')
    p.add_argument('--threads', type=int, default=0, help='CPU threads; 0 = as PyTorch likes')
    more(p)
    a = p.parse_args()
    global RUNS
    RUNS = a.runs
    if a.threads:
        torch.set_num_threads(a.threads)
    a.dtype = a.dtype or ('bf16' if quick_at_bf16(a.device) else 'f32')
    a.compile = a.device.startswith('cuda') if a.compile is None else a.compile
    preset = presets.PRESETS[a.preset]
    preset = presets.on_folder(preset, a.data, a.size, a.name) if a.data else preset
    preset = presets.raster(preset) if a.objective == 'raster' else preset
    return presets.override(preset, a.set), a


def quick_at_bf16(device):
    """Whether bf16 products are quicker than f32 ones. Without AVX-512 a processor takes 300 times as long for them (0.18 GFLOP/s instead of 59 on an AMD EPYC with AVX2)."""
    return torch.device(device).type != 'cpu' or torch.backends.cpu.get_cpu_capability().startswith('AVX512')


def leave_team():
    """Reference cycles (DDP's) would keep the group until its threads are torn down running, which aborts the process."""
    gc.collect()
    dist.destroy_process_group()


class Team:
    """The processes that torchrun started (one a GPU), or this one alone. Every process draws the same global batch from the same
    seed and takes its part, so that a run does not depend on how many there are."""

    def __init__(self, device, dtype='f32'):
        self.rank, self.size = int(os.environ.get('RANK', 0)), int(os.environ.get('WORLD_SIZE', 1))
        self.device = f'cuda:{os.environ.get("LOCAL_RANK", 0)}' if device == 'cuda' else device
        self.kind = self.device.split(':')[0]
        self.autocast = torch.autocast(self.kind, torch.bfloat16, enabled=dtype == 'bf16')
        if self.kind == 'cuda':
            torch.cuda.set_device(self.device)
        if self.size > 1 and not dist.is_initialized():
            atexit.register(leave_team)
            dist.init_process_group('nccl' if self.kind == 'cuda' else 'gloo', timeout=datetime.timedelta(hours=1))

    @property
    def first(self):
        return self.rank == 0

    def part(self, x):                                      # (B, …) of the global batch -> (B / size, …) of this process
        assert len(x) % self.size == 0, f'a batch of {len(x)} does not divide among {self.size} processes: change it with --set'
        return x.chunk(self.size)[self.rank]

    def sum(self, x):
        """In place, over all processes."""
        if self.size > 1:
            dist.all_reduce(x)
        return x

    def gather(self, x):                                    # (N, …) here -> (N * size, …), the same everywhere
        if self.size == 1:
            return x
        parts = [torch.empty_like(x) for _ in range(self.size)]
        dist.all_gather(parts, x.contiguous())
        return torch.cat(parts)

    @contextlib.contextmanager
    def first_alone(self):
        """The block runs in the first process, then in the others: what it writes to a file they only read."""
        if self.size > 1 and not self.first:
            dist.barrier()
        yield
        if self.size > 1 and self.first:
            dist.barrier()

    def spread(self, module, compiled):
        """-> the module as it is to be called in training: compiled if asked, its gradients averaged over the team (DDP), its buffers the first process's."""
        module = torch.compile(module) if compiled else module
        if self.size == 1:
            return module
        return torch.nn.parallel.DistributedDataParallel(module)


class Clock:
    """Where a run stands, as a share of its steps or minutes, and when this call has to stop; the same in every process."""

    def __init__(self, c, team, spent, call_minutes):
        self.steps, self.seconds, self.team = c.steps, c.minutes * 60, team
        self.began, self.before = time.time(), spent
        self.call = call_minutes * 60 and max(1e-3, call_minutes * 60 - (self.began - BEGAN))  # scenes and tokens made first count too
        self.now = 0.                                       # seconds of training in this call, as the first process counts them

    @property
    def spent(self):                                        # seconds of training, earlier calls included
        return self.before + time.time() - self.began

    def tick(self, step):
        """Call before every step -> whether to stop here."""
        if (self.seconds or self.call) and (step % 10 == 0 or self.team.size == 1):
            self.now = time.time() - self.began
            if self.team.size > 1:
                everywhere = torch.tensor([self.now], dtype=torch.float64, device=self.team.device)
                dist.broadcast(everywhere, 0)
                self.now = everywhere.item()
        return bool(self.call) and self.now > self.call

    def share(self, step, first=0):
        """0 at step `first`, 1 when the run is over."""
        by_time = (self.before + self.now) / self.seconds if self.seconds else 0
        return min(1, max((step - first) / max(1, self.steps - first), by_time))


def folder(preset, stage=''):
    """The run's folder; of `stage1` the folder of the run whose tokenizer this one uses."""
    path = RUNS / (preset.stage1 or preset.name if stage == 'stage1' else preset.name)
    path.mkdir(parents=True, exist_ok=True)
    return path


def scenes(preset, part='train'):
    """-> images uint8 (N, S, S, 3), labels (N,), objects (N, 5, 6); made the first time. In `train` the strewn scenes follow, then the pasted ones, without label."""
    if preset.halves:
        whole = presets.PRESETS[preset.halves]
        images, labels, objects = scenes(whole, part)
        halved = torch.cat([torch.nn.functional.avg_pool2d(x.permute(0, 3, 1, 2).float(), 2).round().to(torch.uint8).permute(0, 2, 3, 1)
                            for x in images.split(1000)])
        objects[:, :, 1:5] = torch.where(objects[:, :, 1:5] < 0, objects[:, :, 1:5], objects[:, :, 1:5] // 2)
        return halved, labels, objects
    for kind in ('pasted', 'strewn'):
        count = getattr(preset, kind)
        if count and part == 'train':
            more = dataclasses.replace(preset, strewn=0, pasted=0, scenes=count, name=f'{preset.name.removesuffix("-raster")}-{kind}',
                                       world=getattr(worlds, kind)(preset.world, preset.transformer.cols))
            return [torch.cat(both) for both in zip(scenes(dataclasses.replace(preset, **{kind: 0})), scenes(more))]
    own = isinstance(preset.world, folders.FolderOptions)
    count, seed = (preset.scenes, 0) if part == 'train' else (preset.held_out, 1)
    print_of = folders.fingerprint(preset.world) if own else hashlib.sha256(repr(preset.world).encode()).hexdigest()[:8]
    path = HERE / 'data-cache' / (f'folder-{part}-{print_of}' if own else f'{preset.name.removesuffix("-raster")}-{part}-{count}-{print_of}')
    if not (path / 'classes.json').exists():
        if own:
            folders.prepare(path, preset.world, part)
        else:
            worlds.render(path, preset.world, count, seed, workers=int(os.environ.get('WORKERS', os.cpu_count())))
    return [torch.from_numpy(np.load(path / f'{name}.npy')) for name in ('images', 'labels', 'objects')]


def pictures(images):                                       # uint8 (B, S, S, 3) -> float (B, 3, S, S) in [0, 1]
    return images.permute(0, 3, 1, 2).float() / 255


def learning_rate(step, share, rate, warmup):
    """Linear warm-up, and a cosine down to 2 % over the run."""
    return rate * min(1, (step + 1) / warmup) * (.02 + .98 * .5 * (1 + math.cos(math.pi * share)))


class Average:
    """Exponential moving average of a module, buffers copied; the early steps count less (warm start)."""

    def __init__(self, module, decay):
        self.module, self.decay = copy.deepcopy(module).eval().requires_grad_(False), decay

    @torch.no_grad()
    def update(self, module, step):
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self.module.parameters()), list(module.parameters()), 1 - decay)
        for mean, value in zip(self.module.buffers(), module.buffers()):
            mean.copy_(value)


class Sums:
    """Means of named numbers between two lines of the log, over all processes; nothing waits for the GPU until they are read."""

    def __init__(self, team):
        self.team, self.sums, self.began, self.samples = team, {}, time.time(), 0

    def add(self, samples, **numbers):
        """number: a tensor, or (sum, count) of tensors."""
        self.samples += samples
        for name, value in numbers.items():
            value = torch.stack([v.detach().double() for v in value]) if isinstance(value, tuple) else torch.stack([value.detach().double(), torch.ones_like(value).double()])
            self.sums[name] = self.sums.get(name, 0) + value

    def read(self):
        """-> {name: mean} and samples a second, since the last reading."""
        means = {}
        for name, pair in self.sums.items():
            total, count = self.team.sum(pair.clone()).tolist()
            if count:
                means[name] = total / count
        seconds = time.time() - self.began
        means['samples_per_s'] = self.samples / max(seconds, 1e-9)
        self.sums, self.began, self.samples = {}, time.time(), 0
        return means


class Log:
    """Appends JSON lines to <name>.jsonl, prints them, and draws <name>.png; silent in all processes but the first."""

    def __init__(self, path, name, team):
        self.file, self.plot, self.began, self.silent = path / f'{name}.jsonl', path / f'{name}.png', time.time(), not team.first

    def __call__(self, step, **numbers):
        if self.silent:
            return
        row = {'step': step, 'seconds': round(time.time() - self.began), **{k: round(float(v), 5) for k, v in numbers.items()}}
        with self.file.open('a') as f:
            f.write(json.dumps(row) + '\n')
        print(' '.join(f'{k} {v}' for k, v in row.items()), flush=True)

    def draw(self, size=(300, 150), cols=3):
        """A panel a quantity over the steps, with its range and last value; quantities of one family (loss…) share their range."""
        rows = [] if self.silent or not self.file.exists() else [json.loads(line) for line in self.file.read_text().splitlines()]
        series = {}
        for row in rows:
            for key, value in row.items():
                if key not in ('step', 'seconds'):
                    series.setdefault(key, []).append((row['step'], value))
        if not series:
            return
        image = Image.new('RGB', (size[0] * cols, size[1] * math.ceil(len(series) / cols)), 'white')
        pen, last = ImageDraw.Draw(image), max(1, rows[-1]['step'])
        family = lambda key: key.split('_')[0]
        for n, (key, points) in enumerate(series.items()):
            alike = [v for k, ps in series.items() if family(k) == family(key) for _, v in ps]
            low, high = min(alike), max(alike)
            x0, y0 = n % cols * size[0], n // cols * size[1]
            line = [(x0 + 10 + (size[0] - 20) * s / last, y0 + size[1] - 10 - (size[1] - 40) * (v - low) / (high - low + 1e-9)) for s, v in points]
            pen.rectangle((x0 + 4, y0 + 22, x0 + size[0] - 4, y0 + size[1] - 4), outline='#ccc')
            if len(line) > 1:
                pen.line(line, fill='#36c', width=2)
            mine = [v for _, v in points]
            pen.text((x0 + 6, y0 + 6), f'{key} {min(mine):.4g} … {max(mine):.4g}, now {mine[-1]:.4g}', fill='#222')
        image.save(self.plot)


def digest(tensors):
    """A short name of what is in them."""
    return hashlib.sha256(b''.join(v.detach().cpu().numpy().tobytes() for v in tensors)).hexdigest()[:8]


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
