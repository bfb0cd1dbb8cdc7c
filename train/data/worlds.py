"""Emoji Worlds: scenes of one main object and a few others on a themed background, with every object's class and box.

Scene i depends on (seed, i) and the options alone. `python -m data.worlds OUT COUNT` renders a data set; see `render`.
"""
import dataclasses
import json
import sys
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from data.backgrounds import background
from data.classes import CLASSES, MINI, THEMES
from data.fetch_assets import fetch

OBJECTS = 5  # most objects in a scene
NO_LABEL = -1  # of a scene that no single class describes: only its boxes have classes
LIGHT = {'night': (.72, .76, 1.), 'dusk': (1.03, .93, .92), 'underwater': (.82, .97, 1.04)}


@dataclass(frozen=True)
class WorldOptions:
    size: int = 128                       # pixels of the picture
    render: int = 256                     # pixels of the canvas it is painted on
    classes: tuple = tuple(CLASSES)
    variants: int = 0                     # sprites a class may use; 0 = all
    others: tuple = (.34, .27, .2, .12, .07)  # chance of 0, 1, 2 … objects beside the main one
    alone: tuple = (.44, .8)              # longer side of a main object that is alone, as a share of the picture
    main: tuple = (.34, .62)              # … that has company
    other: tuple = (.17, .4)              # … and of the company
    lattice: int = 0                      # objects' sizes and places are multiples of this many picture pixels; 0 = free
    tilt: float = 1.0                     # scales the random rotation
    mirror: float = .5                    # chance that a sprite is mirrored
    light: float = 1.0                    # scales how the theme and chance tint a sprite
    texture: float = 1.0                  # scales the noise of backgrounds
    palette: float = 1.0                  # scales how far a background's colours stray from the theme's
    crowding: float = .45                 # most overlap at which a companion is still drawn
    odd_theme: float = .07                # chance of a theme that is unusual for the class
    empty: float = .05
    sizes: int = 0                        # … of sizes alone, where those are coarser
    places: int = 0                       # … of places alone, where those are coarser; nothing then reaches over the picture's edge
    strewn: tuple = ()                    # (least, most) share of the picture: objects of such sizes lie anywhere, one over the other, and there is no label
    pasted: tuple = ()                    # (least, most) share of the picture: one to three such objects come into a scene of this world, and there is no label
    replaced: float = 0                   # … chance that the first of them comes in place of an object that is there, as large as that
    small: float = 2.0                    # sizes of what is strewn or pasted are spread as u ** small: 1 evenly, above it more of the small ones


def strewn(options, cols):
    """The same world as strewn scenes, for a grid of `cols` tokens across: things from 2 tokens on, the smallest box that can be drawn with a thing in it."""
    return dataclasses.replace(options, strewn=(1.6 / cols, .9), places=0)


def pasted(options, cols):
    """The same scenes, each with a few things more, of 2 tokens and more, anywhere on the lattice, or in place of what is there: what an edit puts there.

    Where places are coarse, large ones too: they are what new pictures are made of."""
    return dataclasses.replace(options, pasted=(1.6 / cols, .9 if options.places else .6), small=1.5, replaced=.5)


WORLDS_128 = WorldOptions()
WORLDS_64 = WorldOptions(size=64)
# One large object, sometimes a companion, on the lattice of the tokens (4 px), in few colours: 512 codes must draw it all.
MINI_32 = WorldOptions(size=32, render=96, classes=MINI, variants=1, others=(.75, .25), alone=(.7, .92), main=(.45, .55), other=(.45, .55),
                       lattice=4, crowding=.12, tilt=0, mirror=0, light=0, texture=.3, palette=.25, odd_theme=.03, empty=.04)

# … and the same world at 64 px: what 1024 codes and a CPU can draw. Sizes keep to 8 px, so that a thing looks alike wherever it stands.
WORLDS_64_LITE = WorldOptions(size=64, render=128, classes=MINI, variants=1, others=(.75, .25), alone=(.7, .92), main=(.45, .55), other=(.34, .55),
                             lattice=4, sizes=8, places=8, crowding=.15, tilt=0, mirror=0, light=0, texture=.3, palette=.25, odd_theme=.03, empty=.04)
# … and its canvases as they are: every scene is that of 64 px before it was halved.
WORLDS_128_LITE = dataclasses.replace(WORLDS_64_LITE, size=128, lattice=8, sizes=16, places=16)


class Sprites:
    """Opens and caches each class's sprites, cut to their visible part."""

    def __init__(self):
        self.folder = fetch('sprites') / 'assets'
        names = json.loads((fetch('names') / 'en' / 'data.json').read_text())
        self.entries = {e['label']: e for e in names}
        self.opened, self.scaled = {}, {}

    def files(self, name, limit=0):
        """Class name -> sprite file names; the code point may or may not carry the variation selector fe0f."""
        labels = [label for label in CLASSES[name].labels.split('|') if label]
        found = []
        for label in labels[:limit or None]:
            code = self.entries[label]['hexcode'].lower()
            tries = (code, f'{code}-fe0f', code.replace('-fe0f', ''))
            found += [t for t in tries if (self.folder / f'{t}.webp').exists()][:1]
        assert found or not labels, f'no sprite for class {name!r}: {labels}'
        return found

    def open(self, file):
        if file not in self.opened:
            image = Image.open(self.folder / f'{file}.webp').convert('RGBA')
            self.opened[file] = image.crop(image.getchannel('A').point(lambda v: 255 * (v > 24)).getbbox())
        return self.opened[file]

    def at(self, file, longer_side):
        """-> RGBA whose longer side is `longer_side` pixels."""
        key = (file, longer_side)
        if key not in self.scaled:
            image = self.open(file)
            q = longer_side / max(image.size)
            self.scaled[key] = image.resize((max(3, round(image.width * q)), max(3, round(image.height * q))), Image.LANCZOS)
            if len(self.scaled) > 4000:
                self.scaled.pop(next(iter(self.scaled)))
        return self.scaled[key]


class Worlds:
    """worlds.scene(i) -> (pixels uint8 (size, size, 3), label, objects); objects are rows of [class, x0, y0, x1, y1, visible %]."""

    def __init__(self, options, seed=0):
        self.o, self.seed, self.sprites = options, seed, Sprites()
        self.files = {name: self.sprites.files(name, options.variants) for name in options.classes}
        self.u = options.render / 256

    def scene(self, i, name=None):
        if self.o.strewn:
            return self.strewn_scene(i)
        o, r = self.o, np.random.default_rng([self.seed, i])
        names = [n for n in o.classes if n != 'empty']
        name = name or ('empty' if r.random() < o.empty else names[r.integers(len(names))])
        usual = name == 'empty' or r.random() >= o.odd_theme
        themes = CLASSES[name].themes if usual else THEMES
        theme = themes[r.integers(len(themes))]
        pixels, horizon = background(theme, o.render, r, o.texture, o.palette)
        canvas = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).convert('RGBA')
        bare, wanted = canvas.copy(), []
        if name != 'empty':
            company = int(r.choice(len(o.others), p=o.others))
            neighbours = [n for n in names if theme in CLASSES[n].themes]
            wanted = [(name, r.uniform(*(o.main if company else o.alone)))]
            wanted += [(name if r.random() < .25 else neighbours[r.integers(len(neighbours))], r.uniform(*o.other)) for _ in range(company)]
        depths = sorted((r.uniform(.25 if j == 0 else .05, 1), j) for j in range(len(wanted)))  # far objects first
        if o.lattice:
            depths.sort(key=lambda d: d[1])  # … but where room is short, the main one chooses first
        boxes, masks, rows, stood = [], [], [], []
        for depth, j in depths:
            size = wanted[j][1] if o.lattice else wanted[j][1] * (.75 + .35 * depth)
            drawn = self.draw(canvas, wanted[j][0], size, theme, horizon, r, depth, boxes, j == 0)
            if drawn:
                box, mask, layers = drawn
                for seen in masks:
                    seen &= ~mask
                boxes.append(box)
                masks.append(mask)
                rows.append([o.classes.index(wanted[j][0]), box, mask.sum()])
                stood.append((box, layers))
        if o.pasted:
            return self.edited(bare, stood, theme, i)
        return self.picture(canvas), o.classes.index(name), self.objects(rows, masks)

    def edited(self, canvas, stood, theme, i):
        """Scene i of this world after a few edits: things that do not touch each other came into it, and only these are told of. Scene i itself is what stood there before.

        canvas: the background; stood: (box, layers) of each object. What a new thing covers half of or more is gone, as if it had never stood there: of what shows
        around a box nobody could tell how the rest of it looked behind the new thing. What is covered less is still there."""
        o, r = self.o, np.random.default_rng([self.seed, i, 1])
        names, new = [n for n in o.classes if n != 'empty'], []
        for k in range(r.integers(1, 4)):
            name, share = names[r.integers(len(names))], self.share(o.pasted, r) * o.render
            instead = stood[r.integers(len(stood))][0] if stood and k == 0 and r.random() < o.replaced else None
            sprite = self.sprite(name, self.snap(max(instead[2] - instead[0], instead[3] - instead[1]) if instead else share, o.sizes), theme, r)
            at = [(instead[axis] + instead[axis + 2] - side) / 2 if instead else r.uniform(0, max(0, o.render - side)) for axis, side in enumerate(sprite.size)]
            x, y = (self.snap_place(min(max(0, place), max(0, o.render - side)), o.render - side, o.lattice) for place, side in zip(at, sprite.size))
            box = (x, y, x + sprite.width, y + sprite.height)
            if not any(common(box, other) for _, _, other in new):
                new.append((name, sprite, box))
        for box, layers in stood:
            if all(2 * common(box, other) < area(box) for _, _, other in new):
                for layer in layers:
                    canvas.alpha_composite(layer)
        masks, rows = [], []
        for name, sprite, (x, y, *_) in new:
            box, mask, _ = paste(canvas, sprite, x, y)
            masks.append(mask)
            rows.append([o.classes.index(name), box, mask.sum()])
        return self.picture(canvas), NO_LABEL, self.objects(rows, masks)

    def share(self, limits, r):
        least, most = limits
        return least + (most - least) * r.random() ** self.o.small

    def strewn_scene(self, i):
        """Things of any class and size anywhere, small ones in front: what a box that a person draws looks like, and what no tidy scene shows."""
        o, r = self.o, np.random.default_rng([self.seed, i])
        names, theme = [n for n in o.classes if n != 'empty'], THEMES[r.integers(len(THEMES))]
        pixels, _ = background(theme, o.render, r, o.texture, o.palette)
        canvas = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).convert('RGBA')
        masks, rows = [], []
        for share in sorted((self.share(o.strewn, r) for _ in range(r.integers(2, OBJECTS + 1))), reverse=True):
            name = names[r.integers(len(names))]
            sprite = self.sprite(name, self.snap(share * o.render, o.sizes), theme, r)
            x, y = (self.snap(r.uniform(0, max(0, o.render - side))) for side in sprite.size)
            box, mask, _ = paste(canvas, sprite, x, y)
            for seen in masks:
                seen &= ~mask
            masks.append(mask)
            rows.append([o.classes.index(name), box, mask.sum()])
        return self.picture(canvas), NO_LABEL, self.objects(rows, masks)

    def picture(self, canvas):
        return np.asarray(canvas.convert('RGB').resize((self.o.size, self.o.size), Image.LANCZOS))

    def objects(self, rows, masks):
        scale = self.o.size / self.o.render
        return [[c, *(round(v * scale) for v in box), int(100 * mask.sum() / max(1, area))] for (c, box, area), mask in zip(rows, masks)]

    def sprite(self, name, side, theme, r):
        """One of the class's sprites as it stands in a scene: turned, mirrored and tinted; its longer side is about `side` canvas pixels."""
        place, files = CLASSES[name].place, self.files[name]
        sprite = self.sprites.at(files[r.integers(len(files))], max(6, side))
        if r.random() < self.o.mirror and name not in ('clock', 'books'):
            sprite = sprite.transpose(Image.FLIP_LEFT_RIGHT)
        if self.o.tilt and r.random() < .7:
            sprite = sprite.rotate(float(r.normal(0, 5 if place in 'gt' else 9)) * self.o.tilt, Image.BICUBIC, expand=True)
        lit = np.asarray(sprite, float).copy()
        tint = r.uniform(.93, 1.05) * np.array(LIGHT.get(theme, (1., 1., 1.)))
        lit[..., :3] *= 1 + (tint - 1) * self.o.light
        return Image.fromarray(lit.clip(0, 255).astype(np.uint8))

    def draw(self, canvas, name, share, theme, horizon, r, depth, boxes, main):
        """Paste one object; -> (box in canvas pixels, mask of its visible pixels, layers that were pasted), or None if there is no room."""
        place, side = CLASSES[name].place, self.snap(share * self.o.render, self.o.sizes)
        sprite = self.sprite(name, side, theme, r)
        w, h = sprite.size
        overlap, x, y = min((self.spot(w, h, place, theme, horizon, r, depth, boxes) for _ in range(10)), key=lambda s: s[0])
        if overlap > self.o.crowding and not main:
            return None
        layers = []
        if place in 'gt' and theme != 'space' and (theme != 'underwater' or place == 'g'):  # a shadow on the ground
            shade = Image.new('RGBA', canvas.size)
            ImageDraw.Draw(shade).ellipse([x + w * .08, y + h - h * .09, x + w * .95, y + h + h * .07], fill=(0, 0, 0, 105))
            layers.append(shade.filter(ImageFilter.GaussianBlur(max(1.5 * self.u, side * .025))))
            canvas.alpha_composite(layers[0])
        box, mask, layer = paste(canvas, sprite, x, y)
        return box, mask, [*layers, layer]

    def spot(self, w, h, place, theme, horizon, r, depth, boxes):
        """One random place that suits the object -> (overlap with earlier boxes, x, y)."""
        side = self.o.render
        x = r.uniform(-.06 * w, max(-.06 * w, side - .94 * w))
        if place == 's':
            y = r.uniform(.02 * side, max(.03 * side, horizon * .95 - h))
        elif place in 'ku' or theme == 'underwater' and place != 'g':
            y = r.uniform(.03 * side, max(.03 * side, side - h - .04 * side))
        elif theme == 'space':
            y = r.uniform(.1 * side, max(.1 * side, side - h))
        else:
            y = horizon + (side - horizon - 6 * self.u) * depth - h + (h * .06 if place == 'w' else 0)
        if self.o.lattice:
            x, y = min(max(x, 0), side - w), min(max(y, 0), side - h)
        x, y = self.snap_place(x, side - w, self.o.places), self.snap_place(y, side - h, self.o.places)
        shared = [common((x, y, x + w, y + h), b) / min(w * h, area(b) + 1) for b in boxes]
        return max(shared, default=0), x, y

    def snap_place(self, at, most, step):
        """Canvas pixels -> the nearest place that is a multiple of `step` picture pixels, and the last of them at which the object still ends within the picture; 0: see snap."""
        canvas = step * self.o.render // self.o.size
        return min(self.snap(at, step), most // canvas * canvas) if step else self.snap(at)

    def snap(self, length, to=0):
        """Canvas pixels -> a multiple of `to` picture pixels, or of the lattice; whole pixels where neither is set."""
        step = (to or self.o.lattice) * self.o.render // self.o.size
        return round(length / step) * step if step else int(length)


def area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def common(a, b):
    """The area that two boxes x0, y0, x1, y1 share."""
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def paste(canvas, sprite, x, y):
    """-> box of what is visible of the sprite, in canvas pixels; mask of its solid pixels; the layer that was put on the canvas."""
    layer = Image.new('RGBA', canvas.size)
    layer.paste(sprite, (x, y))
    canvas.alpha_composite(layer)
    alpha = layer.getchannel('A')
    return alpha.point(lambda v: 255 * (v > 60)).getbbox() or (0, 0, 1, 1), np.asarray(alpha) > 100, layer


def _scene(job):
    global _worlds  # one a process, so that each opens every sprite once
    options, seed, i = job
    if '_worlds' not in globals():
        _worlds = Worlds(options, seed)
    return _worlds.scene(i)


def render(out, options, count, seed=0, workers=2):
    """Write images.npy uint8 (count, size, size, 3), labels.npy (count,), objects.npy int16 (count, OBJECTS, 6), -1 where none."""
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    images = np.lib.format.open_memmap(out / 'images.npy', 'w+', np.uint8, (count, options.size, options.size, 3))
    labels, objects = np.zeros(count, np.int64), np.full((count, OBJECTS, 6), -1, np.int16)
    with Pool(workers) as pool:
        for i, (pixels, label, rows) in enumerate(pool.imap(_scene, ((options, seed, i) for i in range(count)), chunksize=64)):
            images[i], labels[i] = pixels, label
            objects[i, :len(rows)] = np.array(rows, np.int16).reshape(-1, 6)
            if i % 2000 == 0:
                print(f'{i}/{count}', flush=True)
    np.save(out / 'labels.npy', labels)
    np.save(out / 'objects.npy', objects)
    (out / 'classes.json').write_text(json.dumps(options.classes))


if __name__ == '__main__':
    render(sys.argv[1], MINI_32, int(sys.argv[2]), *map(int, sys.argv[3:]))
