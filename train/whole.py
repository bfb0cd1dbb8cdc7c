"""Is the thing in the picture whole? In a world whose sprites are drawn as they are, this can be measured: what was asked for is laid over the picture
in every size and at every place of the lattice, and where it fits best its cells are counted.

A classifier knows a fox by its colour; a person sees that it has one eye, or that a bit of its rim hangs beside it. This sees it too."""
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from data.folder import FolderOptions
from data.worlds import Worlds

RIGHT = .15    # a cell of the lattice is right up to this root mean square error, of colours in [0, 1] …
FITS = .2      # … and a pixel speaks for a place up to this one
WHOLE = .95    # share of its cells that must be right in a thing that is whole
SOLID = .95    # pixels with more alpha than this are compared
SOFT, NEAR = 1 / 2, 3 / 2  # lattice cells around a thing: its soft edge, and how far something that hangs beside it is sought
LOW = .8       # … but not beside its lowest fifth, where its shadow is
FOREIGN = .15  # a pixel beside a thing is foreign if it is further than this (root mean square) from all colours of the picture behind
BITS = 1 / 4   # cells of foreign pixels that a clean rim may have


def measurable(world):
    """Sprites as they are (one a class, never turned, mirrored or tinted), on a lattice."""
    return not isinstance(world, FolderOptions) and world.variants == 1 and world.lattice > 0 and not (world.tilt or world.mirror or world.light)


class Place(NamedTuple):
    gain: float
    y: int                       # pixels
    x: int
    colours: torch.Tensor        # (3, h, w)
    solid: torch.Tensor          # (h, w), 1 or 0


class Templates:
    """Every thing of a world in every size, as it looks in a picture; what is sought is laid over the picture at every place of the lattice."""

    def __init__(self, world, any_from=0., finer=1):
        """Things are sought in the sizes of main objects; with `any_from`, a share of the picture, in every size of the lattice from there to the whole picture.

        `finer`: sizes and places are sought so many times as finely, because what was painted enlarged (close_up.py) keeps to no lattice."""
        assert measurable(world), 'this world turns, mirrors or tints its sprites: there is nothing to lay over a picture'
        self.o, self.worlds, self.of, o = world, Worlds(world), {}, world
        self.step = o.lattice // finer
        step = not any_from and o.sizes or self.step
        least, most = (any_from, 1 + 1e-6) if any_from else (min(o.main[0], o.alone[0]), max(o.main[1], o.alone[1]))
        self.sides = sorted({round(share * o.size / step) * step for share in np.arange(least, most, .01)})

    def open(self, label, side):
        """-> RGBA of a class's only sprite, its longer side `side` canvas pixels."""
        file, = self.worlds.files[self.o.classes[label]]
        return self.worlds.sprites.at(file, side)

    def of_class(self, label):
        """-> [(colours (3, h, w), solid (h, w))], one for each size."""
        if label not in self.of:
            scale = self.o.render // self.o.size
            self.of[label] = [self.template(self.open(label, side * scale), scale) for side in self.sides]
        return self.of[label]

    @staticmethod
    def template(sprite, scale):
        wide, high = (-(-side // scale) for side in sprite.size)
        page = Image.new('RGBA', (wide * scale, high * scale))  # whole pixels of the picture
        page.paste(sprite)
        rgba = torch.from_numpy(np.asarray(page.resize((wide, high), Image.LANCZOS), np.float32) / 255).permute(2, 0, 1)
        return rgba[:3], (rgba[3] > SOLID).float()

    def where(self, picture, label):
        """picture (3, H, W) in [0, 1] -> the size and place at which the thing fits best."""
        step, best = self.step, Place(-np.inf, 0, 0, None, None)
        for colours, solid in self.of_class(label):
            if any(of > there for of, there in zip(solid.shape, picture.shape[1:])):
                continue
            squared = torch.cat([solid.expand(3, -1, -1), -2 * solid * colours])[None]        # error = x² - 2 x s + s² over solid pixels
            errors = F.conv2d(torch.cat([picture ** 2, picture])[None], squared, stride=step)[0, 0] + (solid * colours ** 2).sum()
            gain = 3 * solid.sum() * FITS ** 2 - errors                                       # a large thing that fits speaks louder than a small one
            at = int(gain.argmax())
            here = Place(gain.flatten()[at].item(), at // gain.shape[1] * step, at % gain.shape[1] * step, colours, solid)
            best = max(best, here, key=lambda place: place.gain)
        return best

    def right(self, picture, label):
        """picture (3, H, W) in [0, 1] -> share of the thing's cells that are right, where it fits best; 0 where no size of it has room."""
        (_, y, x, colours, solid), step = self.where(picture, label), self.o.lattice
        if solid is None:
            return 0.
        h, w = solid.shape
        cells = lambda v: F.pad(v, (0, -w % step, 0, -h % step)).unfold(0, step, step).unfold(1, step, step).sum((2, 3))
        error, count = cells((picture[:, y:y + h, x:x + w] - colours).square().mean(0) * solid), cells(solid)
        there = count > step * step / 4
        return ((error[there] / count[there]).sqrt() < RIGHT).float().mean().item()

    def things(self, pictures, labels):
        """-> each picture (3, S, S) and its class as an int; `empty` has no thing and is left out."""
        empty = self.o.classes.index('empty') if 'empty' in self.o.classes else -1
        return ((p, int(c)) for p, c in zip(pictures, labels) if c not in (empty, -1))

    def whole(self, pictures, labels):
        """pictures (B, 3, S, S), or B of any height and width, labels (B,) -> whether each shows its thing whole, (B,) bool; `empty` is left out."""
        return torch.tensor([self.right(*thing) >= WHOLE for thing in self.things(pictures, labels)])

    def whole_in_boxes(self, pictures, boxes, labels):
        """pictures (B, 3, S, S), boxes (B, 4) [x0, y0, x1, y1] in pixels, labels (B,) -> whether each box shows its thing whole, (B,) bool. Tips may reach a cell over it."""
        step = self.o.lattice
        return self.whole([p[:, max(0, y0 - step):y1 + step, max(0, x0 - step):x1 + step] for p, (x0, y0, x1, y1) in zip(pictures, boxes.tolist())], labels)

    def clean(self, pictures, labels):
        """pictures (B, 3, S, S), labels (B,) -> whether hardly anything hangs beside each thing, (B,) bool; `empty` is left out."""
        return torch.tensor([self.foreign(*thing) <= BITS for thing in self.things(pictures, labels)])

    def foreign(self, picture, label):
        """picture (3, S, S) in [0, 1] -> cells of the lattice that hold, beside the thing where it fits best, what is not of the picture behind it.

        0 where the thing fills the picture, so that nothing tells what is behind."""
        (_, y, x, _, solid), step, size = self.where(picture, label), self.o.lattice, picture.shape[-1]
        thing = F.pad(solid, (x, size - x - solid.shape[1], y, size - y - solid.shape[0]))
        grown = lambda cells: F.max_pool2d(thing[None], 2 * int(cells * step) + 1, 1, int(cells * step))[0] > 0
        beside, behind = grown(NEAR) & ~grown(SOFT), ~grown(NEAR)
        beside[y + int(LOW * solid.shape[0]):] = False
        if behind.sum() < step * step:
            return 0
        some = picture[:, behind].T[torch.linspace(0, int(behind.sum()) - 1, 400).long()]
        far = torch.cdist(picture[:, beside].T, some).amin(1) / 3 ** .5
        return int((far > FOREIGN).sum()) / step ** 2
