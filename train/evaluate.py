"""Measure a trained model: `python evaluate.py --preset mini [--quick] [--model ../public/models/mini]`.

- reconstruction: PSNR and codebook usage on held-out pictures;
- class accuracy: a classifier trained on the data's labels reads generated pictures; its ceiling is what it says of real ones;
- whole things: how many samples show the thing asked for as it is, all of it, and with nothing hanging beside it (whole.py), where the world allows to tell;
- edit accuracy: the same classifier reads the box after a box edit of a held-out scene; outside it nothing may change;
- FD: Fréchet distances between generated and held-out pictures (not FID): on the classifier's features, and on the
  middle layers of an InceptionV3 (perceptual.py). They fall with the number of samples: compare equal numbers only;
- a sweep: steps x schedules, then guidance, choice temperature, temperature and Halton order, one at a time.

All numbers are for the weights as exported (int8 per channel and back). What is measured is kept in
runs/<name>/evaluation.json by weights and settings, so that a stopped evaluation goes on where it was. At the end:
runs/<name>/quality.json (for export.py), sample sheets, plots, and the part of docs/models.md between its markers.
"""
import dataclasses
import json
import math
import sys
import time
from pathlib import Path

import torch

import charts
import run
from classifier import classifier, crop
from close_up import repaint
from export import load, wire_tensors
from maskgit import MaskGit
from perceptual import DISTANCE, FeatureNet
from sampling import SCHEDULES, generate, generate_raster
from tokenizer import Tokenizer
from train_maskgit import Draw, grid_box, random_box, token_boxes
from weights import from_official, start_from, unpack
from whole import Templates, measurable

DOCS = Path(__file__).resolve().parent.parent / 'docs'
GOALS = {'worlds-128': (30, .9, .9), 'worlds-64': (28, .85, .85), 'worlds-64-lite': (28, .85, .85), 'worlds-128-lite': (30, .9, .9), 'mini': (26, .6, .6)}  # PSNR, class, edit
STEPS = (1, 2, 4, 8, 12, 16)
WHOLE_IN_BOXES = 'whole things in boxes'
EDIT_MEASURES = 'edit accuracy', 'edit accuracy, boxes under 3/4 of the picture', WHOLE_IN_BOXES
LEAST = 4  # tokens a side that a box to be edited has, and a thing that is sought in it
SOME = 300  # reconstructions whose things are looked at
PAPER = [s for s in SCHEDULES if s != 'arccos']  # its seven schedules
AROUND = {'guidanceScale': (0., .5, 1., 2., 3., 4.), 'choiceTemperature': (0., .5, 1., 2., 4.5, 8.), 'temperature': (.4, .6, .8, 1.), 'corrections': (0, 2, 4, 8)}


def frechet(a, b):
    """Fréchet distance of two sets of features (N, D), as Gaussians."""
    a, b = a.double(), b.double()
    mean_a, mean_b, cov_a, cov_b = a.mean(0), b.mean(0), torch.cov(a.T), torch.cov(b.T)
    # tr sqrt(cov_a cov_b) is the sum of the singular values of A B^T / sqrt((n - 1)(m - 1)) with A, B the centred sets; so is that of their R factors.
    r_a, r_b = (torch.linalg.qr(x - mean, mode='r').R for x, mean in ((a, mean_a), (b, mean_b)))
    roots = torch.linalg.svdvals(r_a @ r_b.T).sum() / math.sqrt((len(a) - 1) * (len(b) - 1))
    return ((mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * roots).item()


class Bench:
    """A model with its judges. Every measurement has a key; one that runs/<name>/evaluation.json holds is not made again."""

    def __init__(self, preset, args):
        self.p, self.path, self.device = preset, run.folder(preset), args.device
        self.tokenizer, self.transformer = Tokenizer(preset.tokenizer), MaskGit(preset.transformer)
        if args.model:
            start_from(self.tokenizer, args.model)
            start_from(self.transformer, args.model)
        else:
            tokenizer, transformer, _ = load(preset)
            packed = unpack(wire_tensors(tokenizer, transformer))
            from_official(self.tokenizer, packed)
            from_official(self.transformer, packed)
        for net in (self.tokenizer, self.transformer):
            net.to(args.device).eval().requires_grad_(False)
        settings = torch.tensor(list(json.dumps(dataclasses.asdict(preset.sampler)).encode()))
        self.weights = run.digest([*self.transformer.parameters(), settings])                 # what is measured hangs on both
        self.autocast = torch.autocast(args.device.split(':')[0], torch.bfloat16, enabled=args.dtype == 'bf16')
        self.held = run.scenes(preset, 'held-out')
        self.net = classifier(preset).to(args.device).requires_grad_(False)
        self.templates = Templates(preset.world) if measurable(preset.world) else None
        self.in_boxes = self.templates and Templates(preset.world, LEAST / preset.transformer.cols, finer=4 if preset.close_up else 1)
        self.deep, self.kept, self.told = None, {}, args.told
        self.file = self.path / 'evaluation.json'
        self.store = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.forget_another_tokenizer()

    def forget_another_tokenizer(self):
        """Measurements are named by the transformer's weights and its sampler; those with another tokenizer (train_tokenizer.py --decoder-only) count no more."""
        now = {'weights': run.digest(self.tokenizer.parameters())}
        if self.store.get(f'{self.weights} tokenizer', now) != now:
            self.store = {k: v for k, v in self.store.items() if not k.startswith(self.weights)}
            self.file.unlink()
        self.store[f'{self.weights} tokenizer'] = now

    def once(self, key, measure):
        """-> measure(), a dict of numbers, or what it gave for these weights and this key before; with --told None where it is not known."""
        key = f'{self.weights} {key}'
        if key not in self.store:
            if self.told:
                return None
            began = time.time()
            numbers = {k: round(v, 4) if isinstance(v, float) else v for k, v in measure().items()}
            if self.file.exists():
                self.store |= json.loads(self.file.read_text())  # editing.py may be at work as well
            self.store[key] = numbers
            self.file.with_suffix('.part').write_text(json.dumps(self.store, indent=1))
            self.file.with_suffix('.part').replace(self.file)
            print(f'{key}: {self.store[key]} ({time.time() - began:.0f} s)', flush=True)
        return self.store[key]

    def real(self, pick=slice(None)):
        return run.pictures(self.held[0][pick])             # (N, 3, S, S), on the CPU

    def decode(self, tokens):                               # (B, P) -> (B, 3, S, S) in [0, 1]
        c = self.p.transformer
        return torch.cat([self.tokenizer.decode(t.view(-1, c.rows, c.cols).to(self.device)).float().cpu() for t in tokens.split(64)]).clamp(0, 1)

    def encode(self, images):                               # (B, 3, S, S) -> (B, P)
        return torch.cat([self.tokenizer.encode(x.to(self.device)).flatten(1).cpu() for x in images.split(64)])

    def judge(self, images):                                # (B, 3, S, S) -> class numbers (B,)
        return torch.cat([self.net(x.to(self.device)).argmax(1).cpu() for x in images.split(256)])

    def whole(self, name, images, label):
        """-> {name: share of whole things, and of those with clean rims}, or nothing where that cannot be told."""
        if not self.templates:
            return {}
        whole, clean = self.templates.whole(images, label), self.templates.clean(images, label)
        return {name: whole.float().mean().item(), f'{name}, rims clean': (whole & clean).float().mean().item()}

    def whole_in_boxes(self, images, boxes, label):
        """Boxes (B, 4) [x0, y0, x1, y1] in pixels -> {name: share of boxes with a whole thing}, or nothing where that cannot be told."""
        if not self.in_boxes:
            return {}
        return {WHOLE_IN_BOXES: self.in_boxes.whole_in_boxes(images, boxes, label).float().mean().item()}

    def features(self, images):
        """-> features of the classifier (N, 128) and of InceptionV3's middle (N, 1056)."""
        if self.deep is None:
            self.deep = FeatureNet(*DISTANCE, zoom=max(1, 64 // self.p.tokenizer.size)).to(self.device).eval()
        own = torch.cat([self.net.features(x.to(self.device)).cpu() for x in images.split(256)])
        with self.autocast:
            deep = torch.cat([torch.cat([f.float().mean((2, 3)).cpu() for f in self.deep(x.to(self.device))], 1) for x in images.split(64)])
        return own, deep

    def distances(self, images):
        if not self.kept:
            self.kept['real'] = self.features(self.real())
        own, deep = (frechet(a, b) for a, b in zip(self.features(images), self.kept['real']))
        return {'FD': own, 'FD, InceptionV3': deep}

    def sample(self, label, seed=0, tokens=None, start_step=0, row=None, **changes):
        """label (B,) or (B, C) with `row` -> tokens (B, P), by the preset's sampler with `changes`."""
        s, g, parts = dataclasses.replace(self.p.sampler, **changes), torch.Generator(self.device).manual_seed(seed), []
        some = lambda v, at: None if v is None else v[at:at + 64].to(self.device)
        for at in range(0, len(label), 64):
            with self.autocast:
                if self.p.transformer.order == 'raster':
                    done = generate_raster(self.transformer, some(label, at), some(tokens, at), s.temperature, s.guidanceScale, g)
                else:
                    done = generate(self.transformer, some(label, at), some(tokens, at), s.steps, start_step, s.schedule, s.temperature,
                                    s.choiceTemperature, s.guidanceScale, s.guidanceRamp, s.order, s.corrections, some(row, at), g)
            parts.append(done.cpu())
        return torch.cat(parts)


def reconstruction(b):
    images, label = b.real(), b.held[1]
    ids = b.encode(images)
    y = b.decode(ids)
    error = (y - images).square().mean((1, 2, 3))
    return {'PSNR': 10 * math.log10(1 / error.mean().item()), 'PSNR, mean over pictures': (-10 * error.clamp(min=1e-9).log10()).mean().item(),
            'codebook usage': (torch.bincount(ids.flatten(), minlength=b.p.tokenizer.codebook) > 0).float().mean().item(),
            'classifier on real scenes': (b.judge(images) == label).float().mean().item(),
            'classifier on reconstructions': (b.judge(y) == label).float().mean().item(),
            **b.whole('whole things on reconstructions', y[:SOME], label[:SOME])}


def generation(b, each, sheet=None, **changes):
    """`each` samples of every class -> class accuracy, distances, weakest classes."""
    label = torch.arange(b.p.transformer.classes).repeat_interleave(each)
    images = b.decode(b.sample(label, **changes))
    right, names = (b.judge(images) == label).view(-1, each).float().mean(1), b.p.world.classes
    if sheet:
        run.sheet(sheet, images[torch.arange(len(images)).view(-1, each)[:, :8].flatten()], 24, zoom=1)
    weak = [f'{names[i]} {right[i]:.0%}' for i in right.argsort()[:10].tolist() if right[i] < 1]
    return {'class accuracy': right.mean().item(), **b.whole('whole things', images, label), **b.distances(images), 'weakest classes': ', '.join(weak) or 'none below 100 %'}


def floor(b, each):
    """The distances between as many real training pictures and the held-out ones: what a perfect model would get."""
    images = run.scenes(b.p)[0][:each * b.p.transformer.classes]
    return b.distances(run.pictures(images))


def editing(b, count, sheet=None, **changes):
    """Replace one object of a held-out scene (its box grown by a token, at least LEAST x LEAST) by a random other class."""
    draw, c = Draw(torch.Generator().manual_seed(0)), b.p.transformer
    images, _, objects = b.held
    target, n = objects[:, 0], len(images)                  # the main object comes first; scenes without one take a free box
    left, top, right, bottom = token_boxes(target, torch.zeros(n, dtype=torch.bool), c, b.p.tokenizer.size)
    x, y, x1, y1 = random_box(c, n, draw, least=LEAST)
    free, least = target[:, 0] < 0, min(LEAST, c.cols) - 1
    left, top = torch.where(free, x, left - 1).clamp(0, c.cols - 1 - least), torch.where(free, y, top - 1).clamp(0, c.rows - 1 - least)
    right = torch.maximum(torch.where(free, x1, right + 1).clamp(max=c.cols - 1), left + least)
    bottom = torch.maximum(torch.where(free, y1, bottom + 1).clamp(max=c.rows - 1), top + least)
    pick = draw(n).argsort()[:count]
    box = grid_box(c, left, top, right, bottom)[pick]
    label = draw.below(c.classes - 1, len(pick))
    before = b.encode(b.real(pick))
    after = repaint(b, label, before, box, b.p.close_up, **changes)
    shown, f = b.decode(after), b.p.tokenizer.size // c.cols
    pixels = torch.stack([left, top, right + 1, bottom + 1], 1)[pick] * f
    right_class = b.judge(crop(shown, pixels)) == label
    part = box.float().mean(1) < .75                        # edits that leave a good part of the scene
    if sheet:
        run.sheet(sheet, torch.stack([b.real(pick[:16]), shown[:16]], 1).flatten(0, 1), 16, zoom=2)
    return {'edit accuracy': right_class.float().mean().item(), 'edit accuracy, boxes under 3/4 of the picture': right_class[part].float().mean().item(),
            **b.whole_in_boxes(shown, pixels, label), 'edits': len(pick), 'edits with smaller boxes': int(part.sum()), 'tokens changed outside': int((after != before)[~box].sum())}


def enlarged(preset):
    """What a measurement of boxes is called after, where small ones are painted enlarged."""
    return ', under {} tokens enlarged to {}'.format(*preset.close_up) if preset.close_up else ''


def sweep(b, each):
    """-> [(settings that differ from the preset's, numbers)]; what tells most comes first."""
    wanted = [{'steps': 1}] + [{'schedule': 'cosine', 'steps': n} for n in (*STEPS[1:], 32)]
    wanted += [{name: value} for name, values in AROUND.items() for value in values]
    wanted += [{'order': 'halton', 'schedule': 'arccos', 'steps': n} for n in STEPS[1:]]
    wanted += [{'schedule': s, 'steps': n} for n in (8, 4, 12, 16, 2) for s in PAPER[1:]]
    rows = [(changes, b.once(f'sample {each} a class, {json.dumps(changes, sort_keys=True)}', lambda: generation(b, each, **changes))) for changes in wanted]
    return [(changes, numbers) for changes, numbers in rows if numbers]


def plots(b, rows, name):
    """-> file names in docs/."""
    made, one = [], [numbers for changes, numbers in rows if changes == {'steps': 1}]
    for key, kind, percent in (('class accuracy', 'accuracy', True), ('FD', 'fd', False), ('FD, InceptionV3', 'fd-inception', False)):
        first = [(1, v[key]) for v in one]                  # a single step has no schedule
        series = {s: first + [(c['steps'], v[key]) for c, v in rows if c.get('schedule') == s and 'order' not in c] for s in PAPER}
        series['Halton'] = first + [(c['steps'], v[key]) for c, v in rows if 'order' in c]
        series = {s: points for s, points in series.items() if len(points) > 1}
        made.append(f'models-{name}-steps-{kind}.svg')
        charts.lines(DOCS / made[-1], f'{key} by steps and schedule', 'steps', key, series, percent=percent)
    return made


def table(rows):
    said = ['| changed | class accuracy | whole things; with clean rims | FD | FD, InceptionV3 |', '|---|---|---|---|---|']
    for changes, v in rows:
        whole = '; '.join(f'{v[k]:.0%}' for k in ('whole things', 'whole things, rims clean') if k in v) or '—'
        said.append(f'| {", ".join(f"{k} {value:g}" if isinstance(value, (int, float)) else f"{value}" for k, value in changes.items())} '
                    f'| {v["class accuracy"]:.1%} | {whole} | {v["FD"]:.2f} | {v["FD, InceptionV3"]:.2f} |')
    return said


def report(b, quality, rows, each, base):
    """The measured part of the model card."""
    psnr, accuracy, edit = GOALS.get(b.p.name, (0, 0, 0))
    q, s = quality, b.p.sampler
    lines = ['| measure | goal | measured |', '|---|---|---|',
             f'| reconstruction of {len(b.held[0])} held-out scenes, PSNR over all pixels (mean over pictures) | ≥ {psnr} dB | {q["PSNR"]:.2f} dB ({q["PSNR, mean over pictures"]:.2f} dB) |',
             f'| codebook entries in use | — | {q["codebook usage"]:.1%} |',
             f'| class accuracy, {q["samples"]} samples, {s.steps} steps | ≥ {accuracy:.0%} | {q["class accuracy"]:.1%} |',
             f'| … the same classifier on real held-out scenes; on their reconstructions | ceiling | {q["classifier on real scenes"]:.1%}; {q["classifier on reconstructions"]:.1%} |',
             *(f'| {said} | — | {q[f"whole things{which}"]:.0%}; {q[f"whole things on reconstructions{which}"]:.0%} |' for said, which in
               (('things that are whole (whole.py), of the same samples; of reconstructions', ''), ('… and beside which nothing hangs', ', rims clean'))
               if {f'whole things{which}', f'whole things on reconstructions{which}'} <= set(q)),
             f'| weakest classes | — | {q["weakest classes"]} |',
             f'| edit accuracy, {q["edits"]} box edits as the page makes them: all boxes; the {q["edits with smaller boxes"]} under 3/4 of the picture | ≥ {edit:.0%} | {q["edit accuracy"]:.1%}; {q["edit accuracy, boxes under 3/4 of the picture"]:.1%} |',
             *([f'| … with a thing that is whole (whole.py); with guidance 3 at every step | — | {q[WHOLE_IN_BOXES]:.0%}; {q[f"{WHOLE_IN_BOXES}, guidance 3 throughout"]:.0%} |']
               if WHOLE_IN_BOXES in q else []),
             f'| … with guidance 3 at every step | ≥ {edit:.0%} | {q["edit accuracy, guidance 3 throughout"]:.1%}; {q["edit accuracy, boxes under 3/4 of the picture, guidance 3 throughout"]:.1%} |',
             f'| tokens changed outside the boxes | 0 | {q["tokens changed outside"]} |',
             f'| FD (classifier; InceptionV3), {q["samples"]} samples | as many real scenes: {q["FD of real scenes"]:.2f}; {q["FD of real scenes, InceptionV3"]:.2f} | {q["FD"]:.2f}; {q["FD, InceptionV3"]:.2f} |']
    if rows:
        steps = {c['steps']: v for c, v in rows if c.get('schedule') == 'cosine'}
        if {8, 32} <= set(steps):
            ratio = {k: steps[8][k] / steps[32][k] for k in ('FD', 'FD, InceptionV3')}
            lines.append(f'| FD at 8 steps over FD at 32 steps, {each} samples a class | ≤ 1.3 | {ratio["FD"]:.2f}; {ratio["FD, InceptionV3"]:.2f} |')
        lines += ['',
                  f'Sweep: {each} samples a class ({each * b.p.transformer.classes} pictures) a line, the same seeds, one change from the defaults ({s.steps} steps, {s.schedule}, '
                  f'temperature {s.temperature:g}, choice temperature {s.choiceTemperature:g}, guidance {s.guidanceScale:g} {s.guidanceRamp}).'
                  + (f' As many real scenes have FD {base["FD"]:.2f} and {base["FD, InceptionV3"]:.2f}.' if base else ''), '']
        lines += [f'![{n}]({n})' for n in plots(b, rows, b.p.name)] + ['', '<details><summary>All numbers of the sweep</summary>', '', *table(rows), '', '</details>']
    return lines


def into_docs(file, name, lines):
    """Replace what stands between the markers of `name` in a page of docs/."""
    page, begin, end = DOCS / file, f'<!-- measured: {name} (train/evaluate.py writes this part) -->', f'<!-- end: {name} -->'
    text = page.read_text()
    if begin not in text or end not in text:
        print(f'docs/{file} has no markers for {name}: the report is printed instead\n' + '\n'.join(lines))
        return
    head, rest = text.split(begin)
    page.write_text('\n'.join([f'{head}{begin}', '', *lines, '', end + rest.split(end)[1]]))


def more(parser):
    parser.add_argument('--quick', action='store_true', help='few samples and edits, and no sweep: a look, not a measurement')
    parser.add_argument('--edits', type=int, default=1000, help='how many box edits')
    parser.add_argument('--no-sweep', action='store_true', help='the default settings alone')
    parser.add_argument('--model', type=Path, help='an exported model\'s folder to measure instead of the run\'s checkpoints')
    parser.add_argument('--each', type=int, default=2, help='samples a class in the sweep')
    parser.add_argument('--docs', action='store_true', help='write the measured part of docs/ and its plots')
    parser.add_argument('--told', action='store_true', help='measure nothing: write what has been measured so far')


def main():
    preset, args = run.arguments(__doc__, more)
    torch.set_num_threads(max(1, args.threads))
    began, b = time.time(), Bench(preset, args)
    each, edits, swept = (2, 60, False) if args.quick else (10, args.edits, not args.no_sweep)
    strong, near = {'guidanceScale': 3., 'guidanceRamp': 'constant'}, enlarged(preset)

    def known(key, measure):
        return b.once(key, measure) or sys.exit(f'"{key}" has not been measured for these weights: run it without --told')
    quality = dict(known('reconstruction', lambda: reconstruction(b)))
    quality |= known(f'sample {each} a class', lambda: generation(b, each, b.path / 'samples.png')) | {'samples': each * preset.transformer.classes}
    real = known(f'real scenes, {each} a class', lambda: floor(b, each))
    quality |= {'FD of real scenes': real['FD'], 'FD of real scenes, InceptionV3': real['FD, InceptionV3']}
    edits = min(edits, len(b.held[0]))                      # a folder may hold out fewer
    quality |= known(f'{edits} edits as the page makes them, {json.dumps(preset.edit_sampler, sort_keys=True)}{near}', lambda: editing(b, edits, b.path / 'edits.png', **preset.edit_sampler))
    guided = quality if preset.edit_sampler == strong else known(f'{edits} edits{near}, guidance 3 throughout', lambda: editing(b, edits, **strong))
    quality |= {f'{k}, guidance 3 throughout': v for k, v in guided.items() if k in EDIT_MEASURES}
    base = b.once(f'real scenes, {args.each} a class', lambda: floor(b, args.each)) if swept else None
    rows = sweep(b, args.each) if swept else []
    (b.path / 'quality.json').write_text(json.dumps(quality, indent=1))
    lines = report(b, quality, rows, args.each, base)
    into_docs('models.md', preset.name, lines) if args.docs else print('\n'.join(lines))
    print(f'{time.time() - began:.0f} s')


if __name__ == '__main__':
    main()
