"""Measure a trained model: `python evaluate.py --preset mini [--sweep]` -> runs/<name>/quality.json (and sweep.json).

- reconstruction: PSNR and codebook usage on held-out scenes;
- class accuracy: a classifier trained on the generator's labels reads generated pictures;
- edit accuracy: the same classifier reads the box after a box edit of a held-out scene; outside it nothing may change;
- FD: Fréchet distance between the classifier's features of generated and held-out pictures (not an FID).
All samplers' numbers are for the weights as exported (int8 per channel and back).
"""
import dataclasses
import json
import math
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

import run
from export import load, wire_tensors
from maskgit import MaskGit
from sampling import MASK, generate
from tokenizer import Tokenizer
from train_maskgit import grid_box, random_box, token_boxes
from weights import from_official, unpack

SIDE = 32  # what the classifier sees


class Classifier(nn.Module):
    """A picture or a crop of one (B, 3, 32, 32) -> class logits; `features` are what FD compares."""

    def __init__(self, classes, width=32):
        super().__init__()
        layers, cin = [], 3
        for cout, stride in ((width, 2), (2 * width, 2), (2 * width, 1), (4 * width, 2)):
            layers += [nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU()]
            cin = cout
        self.body, self.head = nn.Sequential(*layers), nn.Linear(cin * 16, classes)

    def features(self, x):                                  # (B, 128)
        return self.body(x).mean((2, 3))

    def forward(self, x):
        return self.head(self.body(x).flatten(1))


def crop(images, box):
    """images (B, 3, S, S), box (B, 4) pixels x0, y0, x1, y1 -> the boxes alone, resized to (B, 3, 32, 32)."""
    s = images.shape[-1]
    x0, y0, x1, y1 = (box.float() / s * 2 - 1).unbind(1)
    t = (torch.arange(SIDE) + .5) / SIDE
    xs, ys = x0[:, None] + (x1 - x0)[:, None] * t, y0[:, None] + (y1 - y0)[:, None] * t       # (B, 32)
    grid = torch.stack([xs[:, None].expand(-1, SIDE, -1), ys[:, :, None].expand(-1, -1, SIDE)], -1)
    return F.grid_sample(images, grid, padding_mode='border', align_corners=False)


def crops(images, labels, objects, count):
    """Random training crops: half whole pictures (label), half one object with some margin; -> (count, 3, 32, 32), classes."""
    pick = torch.randint(len(images), (count,))
    x, label, around = run.pictures(images[pick]), labels[pick].clone(), objects[pick]
    seen = around[:, :, 5] >= 60
    boxed = seen.any(1) & (torch.rand(count) < .5)
    target = around[torch.arange(count), (torch.rand(seen.shape) * seen).argmax(1)]
    s = x.shape[-1]
    margin = torch.rand(count, 4) * .2 * s * torch.tensor([-1, -1, 1, 1])
    box = torch.where(boxed[:, None], (target[:, 1:5].float() + margin).clamp(0, s), torch.tensor([0., 0, s, s]))
    label = torch.where(boxed, target[:, 0].long(), label)
    x = crop(x, box)
    return torch.where(torch.rand(count, 1, 1, 1) < .5, x.flip(3), x), label


def classifier(preset, steps=1200, batch=64):
    file = run.folder(preset) / 'classifier.pt'
    net = Classifier(preset.transformer.classes)
    if file.exists():
        net.load_state_dict(torch.load(file, weights_only=True))
        return net.eval()
    data, began = run.scenes(preset), time.time()
    torch.manual_seed(2)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=.01)
    for step in range(steps):
        x, y = crops(*data, batch)
        x = (x * (.85 + .3 * torch.rand(batch, 1, 1, 1)) + .03 * torch.rand(batch, 1, 1, 1) * torch.randn_like(x)).clamp(0, 1)
        for group in optimizer.param_groups:
            group['lr'] = run.learning_rate(step, steps, 2e-3, 100)
        loss = F.cross_entropy(net(x), y, label_smoothing=.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            print(f'classifier {step} loss {loss.item():.3f}, {time.time() - began:.0f} s', flush=True)
    run.save(file, **net.state_dict())
    return net.eval()


def frechet(a, b):
    """Fréchet distance of two sets of features (N, D), as Gaussians."""
    mean_a, mean_b, cov_a, cov_b = a.mean(0), b.mean(0), torch.cov(a.T.double()), torch.cov(b.T.double())
    roots = torch.linalg.eigvals(cov_a @ cov_b).real.clamp(min=0).sqrt().sum()
    return ((mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * roots).item()


class Bench:
    def __init__(self, preset):
        self.p = preset
        tokenizer, transformer, self.steps = load(preset)
        plain = unpack(wire_tensors(tokenizer, transformer))
        self.tokenizer = from_official(Tokenizer(preset.tokenizer), plain).eval().requires_grad_(False)
        self.transformer = from_official(MaskGit(preset.transformer), plain).eval().requires_grad_(False)
        self.net = classifier(preset).requires_grad_(False)
        self.held = run.scenes(preset, 'held-out')
        self.real = run.pictures(self.held[0])

    def decode(self, tokens):                               # (B, P) -> (B, 3, S, S) in [0, 1]
        c = self.p.transformer
        return torch.cat([self.tokenizer.decode(t.view(-1, c.rows, c.cols)) for t in tokens.split(64)]).clamp(0, 1)

    def accuracy(self, images, label):
        return (self.net(images).argmax(1) == label).float().mean().item()

    def sample(self, label, seed=0, tokens=None, start_step=0, **changes):
        s = dataclasses.replace(self.p.sampler, **changes)
        g, parts = torch.Generator().manual_seed(seed), []
        for at in range(0, len(label), 64):
            parts.append(generate(self.transformer, label[at:at + 64], None if tokens is None else tokens[at:at + 64], s.steps, start_step, s.schedule,
                                  s.temperature, s.choiceTemperature, s.guidanceScale, s.guidanceRamp, g))
        return torch.cat(parts)

    def reconstruction(self):
        ids = torch.cat([self.tokenizer.encode(x) for x in self.real.split(64)])
        y = self.decode(ids.flatten(1))
        per_picture = -10 * (y - self.real).square().mean((1, 2, 3)).clamp(min=1e-9).log10()
        return {'PSNR': 10 * math.log10(1 / (y - self.real).square().mean().item()), 'PSNR, mean over pictures': per_picture.mean().item(),
                'codebook usage': (torch.bincount(ids.flatten(), minlength=self.p.tokenizer.codebook) > 0).float().mean().item(),
                'classifier on real scenes': self.accuracy(self.real, self.held[1]), 'classifier on reconstructions': self.accuracy(y, self.held[1])}

    def generation(self, each, seed=0, **changes):
        label = torch.arange(self.p.transformer.classes).repeat_interleave(each)
        images = self.decode(self.sample(label, seed, **changes))
        right = self.net(images).argmax(1) == label
        fd = frechet(self.net.features(images), self.net.features(self.real))
        return {'class accuracy': right.float().mean().item(), 'FD': fd}, right.view(-1, each).float().mean(1), images

    def editing(self, count, seed=0, **changes):
        """Replace one object of a held-out scene (its box grown by a token, at least 4 x 4) by a random other class."""
        torch.manual_seed(seed)
        c, (images, labels, objects) = self.p.transformer, self.held
        target = objects[:, 0]                              # the main object comes first; scenes without one take a free box
        none = torch.zeros(len(images), dtype=torch.bool)
        left, top, right, bottom = token_boxes(target, none, c, self.p.tokenizer.size)
        a, b, w, h = random_box(c, len(images), least=4)
        free = target[:, 0] < 0
        left, top = torch.where(free, a, left - 1).clamp(0, c.cols - 4), torch.where(free, b, top - 1).clamp(0, c.rows - 4)
        right = torch.maximum(torch.where(free, w, right + 1).clamp(max=c.cols - 1), left + 3)
        bottom = torch.maximum(torch.where(free, h, bottom + 1).clamp(max=c.rows - 1), top + 3)
        pick = torch.randperm(len(images))[:count]
        box = grid_box(c, left, top, right, bottom)[pick]
        label = torch.randint(c.classes - 1, (len(pick),))
        before = torch.cat([self.tokenizer.encode(x) for x in self.real[pick].split(64)]).flatten(1)
        after = self.sample(label, seed, before.masked_fill(box, MASK), **changes)
        f = self.p.tokenizer.size // c.cols
        pixels = torch.stack([left, top, right + 1, bottom + 1], 1)[pick] * f
        shown = self.decode(after)
        part = box.float().mean(1) < .75                    # edits that leave a good part of the scene
        right = self.net(crop(shown, pixels)).argmax(1) == label
        return {'edit accuracy': right.float().mean().item(), 'edit accuracy, boxes under 3/4 of the picture': right[part].float().mean().item(),
                'edits': len(pick), 'edits with smaller boxes': int(part.sum()),
                'tokens changed outside': int((after != before)[~box].sum())}, torch.cat([self.real[pick], shown]), label


def main():
    preset, args = run.arguments(__doc__, lambda p: p.add_argument('--sweep', type=int, default=0, help='vary one setting at a time, this many samples a class'))
    torch.set_num_threads(max(1, args.threads))
    began, bench, path = time.time(), Bench(preset), run.folder(preset)
    if args.sweep:
        rows = []
        around = {'guidanceScale': (0., 1., 2., 3.), 'choiceTemperature': (0., .5, 2., 4.5), 'temperature': (.5, .85, 1.), 'steps': (1, 2, 4, 8, 12, 16)}
        for changes in [{name: value} for name, values in around.items() for value in values]:
            rows.append(changes | {k: round(v, 4) for k, v in bench.generation(args.sweep, **changes)[0].items()})
            print(rows[-1], flush=True)
        (path / 'sweep.json').write_text(json.dumps(rows, indent=1))
        return
    quality = bench.reconstruction()
    print(quality, flush=True)
    numbers, by_class, images = bench.generation(10)
    quality |= numbers
    names = preset.world.classes
    weak = sorted(range(len(names)), key=lambda i: by_class[i])[:10]
    quality['weakest classes'] = ', '.join(f'{names[i]} {by_class[i]:.0%}' for i in weak)
    print(numbers, quality['weakest classes'], flush=True)
    run.sheet(path / 'samples.png', images[torch.arange(len(images)).view(-1, 10)[:, :2].flatten()], 16, zoom=2)
    edited, pictures, _ = bench.editing(1000)
    quality |= edited
    strong, _, _ = bench.editing(1000, guidanceScale=3., guidanceRamp='constant')
    quality |= {f'{k}, guidance 3 throughout': v for k, v in strong.items() if k.startswith('edit accuracy')}
    half = len(pictures) // 2
    run.sheet(path / 'edits.png', pictures[(torch.arange(32) // 2) + half * (torch.arange(32) % 2)], 16, zoom=2)
    quality = {k: round(v, 4) if isinstance(v, float) else v for k, v in quality.items()} | {'seconds to evaluate': round(time.time() - began)}
    (path / 'quality.json').write_text(json.dumps(quality, indent=1))
    print(json.dumps(quality, indent=1))


if __name__ == '__main__':
    main()
