"""Small boxes painted enlarged: the twin of src/core/closeUp.ts (decision 50).

A model paints best the sizes that it has seen most. A box that is smaller is looked at from nearer, so that it is as large as those; what was
painted is made small again and encoded. Known elsewhere as inpainting "only masked", or crop and stitch.
"""
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from sampling import MASK


class Axis(NamedTuple):
    start: float                 # where the view begins, in cells of the picture
    times: float                 # cells of the view a cell of the picture

    def into(self, at):
        """Cells of the picture -> cells of the view."""
        return (at - self.start) * self.times

    def sources(self, cells):
        """The picture's cell in the middle of each of the view's -> (cells,) int64."""
        return ((torch.arange(cells) + .5) / self.times + self.start).long().clamp(max=cells - 1)


def axis_of(first, length, cells, times):
    """The view along one side: `length` cells from `first` on, in its middle if the picture's edge leaves room, and beginning with a cell of the view."""
    most, middle = cells - cells / times, (cells - length * times) / 2
    starts = [(abs(k - middle), first - k / times) for k in range(cells)
              if k + length * times <= cells + 1e-9 and -1e-9 <= first - k / times <= most + 1e-9]
    start = min(starts)[1] if starts else first - middle / times
    return Axis(min(max(0., start), most), times)


def close_up(mask, rows, cols, below, side):
    """mask (P,) bool -> (its box as row, col, height, width, the view's axes down and across), in which its longer side has `side` cells; nothing where it has `below` or more."""
    at = mask.view(rows, cols).nonzero()
    (row, col), (last_row, last_col) = at.amin(0).tolist(), at.amax(0).tolist()
    height, width = last_row + 1 - row, last_col + 1 - col
    if max(height, width) >= below:
        return None
    times = side / max(height, width)
    return (row, col, height, width), (axis_of(row, height, rows, times), axis_of(col, width, cols, times))


def seen_from_near(mask, rows, cols, axes):
    """mask (P,) -> which cells of the view lie in it, (P,)."""
    down, across = axes
    return mask.view(rows, cols)[down.sources(rows)][:, across.sources(cols)].flatten()


def resized(picture, box, size):
    """A part of a picture (3, H, W) in [0, 1], box x0, y0, x1, y1 in pixels, at size (width, height), by Pillow's bicubic filter."""
    image = Image.fromarray((picture.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy())
    return torch.from_numpy(np.asarray(image.resize(size, Image.BICUBIC, box=box), np.float32) / 255).permute(2, 0, 1)


def seen(picture, view, rows, cols):
    """What is seen from near of a picture (3, H, W) in [0, 1], at its size."""
    _, (down, across) = view
    (high, wide), size = (side / cells for side, cells in zip(picture.shape[1:], (rows, cols))), (picture.shape[2], picture.shape[1])
    return resized(picture, (across.start * wide, down.start * high, (across.start + cols / across.times) * wide, (down.start + rows / down.times) * high), size)


def put_back(picture, painted, view, rows, cols):
    """The picture with the box of what was painted from near, small again; both (3, H, W)."""
    (row, col, height, width), (down, across) = view
    high, wide = (side // cells for side, cells in zip(picture.shape[1:], (rows, cols)))
    box = [min(cells, max(0, axis.into(at))) * pixels for axis, at, cells, pixels in
           ((across, col, cols, wide), (down, row, rows, high), (across, col + width, cols, wide), (down, row + height, rows, high))]
    picture = picture.clone()
    picture[:, row * high:(row + height) * high, col * wide:(col + width) * wide] = resized(painted, box, (width * wide, height * high))
    return picture


def repaint(bench, label, tokens, masks, rule, **changes):
    """tokens (B, P), masks (B, P) bool, a box of class label (B,) each -> tokens (B, P) after it; boxes with fewer cells a side than the rule (below, side) says are painted enlarged."""
    c = bench.p.transformer
    views = [rule and close_up(mask, c.rows, c.cols, *rule) for mask in masks]
    near = [i for i, view in enumerate(views) if view]
    start = tokens.masked_fill(masks, MASK)
    if near:
        pictures = bench.decode(tokens[near])
        shown = torch.stack([seen(picture, views[i], c.rows, c.cols) for i, picture in zip(near, pictures)])
        painted = torch.stack([seen_from_near(masks[i], c.rows, c.cols, views[i][1]) for i in near])
        start[near] = bench.encode(shown).masked_fill(painted, MASK)
    made = bench.sample(label, tokens=start, **changes)
    if near:
        pictures = [put_back(picture, large, views[i], c.rows, c.cols) for i, picture, large in zip(near, pictures, bench.decode(made[near]))]
        made[near] = torch.where(masks[near], bench.encode(torch.stack(pictures)), tokens[near])
    return made
