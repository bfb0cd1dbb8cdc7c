"""Close-ups are those of src/core/closeUp.ts: both compare with golden/close-up.json. `python -m tests.test_close_up` writes it anew."""
import json

import torch

from close_up import close_up, put_back, seen, seen_from_near
from tests.runs import TRAIN

GOLDEN = TRAIN.parent / 'golden' / 'close-up.json'
CELL = 2                             # pixels
CASES = [(8, 6, box) for box in ((2, 2, 3, 3), (0, 0, 2, 2), (5, 6, 3, 2), (3, 1, 1, 5), (7, 7, 1, 1), (1, 2, 4, 5))]
CASES += [(16, 12, box) for box in ((4, 4, 8, 8), (7, 9, 9, 7), (0, 3, 5, 10), (10, 10, 6, 6))]


def plain(side):
    """A picture that no two places of look alike, (3, side, side) in [0, 1]."""
    i = torch.arange(side * side * 3)
    return ((i * i * 7 + i * 13) % 251).view(side, side, 3).permute(2, 0, 1) / 255


def as_hex(picture):
    return bytes((picture * 255).round().to(torch.uint8).permute(1, 2, 0).flatten().tolist()).hex()


def told(cells, side, box):
    row, col, height, width = box
    mask = torch.zeros(cells, cells, dtype=torch.bool)
    mask[row:row + height, col:col + width] = True
    mask = mask.flatten()
    view, picture = close_up(mask, cells, cells, side, side), plain(cells * CELL)
    _, (down, across) = view
    near = seen(picture, view, cells, cells)
    return {'cells': cells, 'side': side, 'box': box, 'times': down.times, 'down': down.start, 'across': across.start,
            'mask': ''.join('01'[v] for v in seen_from_near(mask, cells, cells, view[1]).int().tolist()),
            'near': as_hex(near), 'back': as_hex(put_back(picture, 1 - near, view, cells, cells))}


def test_close_ups_are_those_that_the_page_makes():
    assert json.loads(GOLDEN.read_text()) == json.loads(json.dumps([told(*case) for case in CASES]))


def test_a_box_as_large_as_the_side_is_painted_as_it_is():
    mask = torch.zeros(8, 8, dtype=torch.bool)
    mask[1:7, 2:5] = True
    assert close_up(mask.flatten(), 8, 8, 6, 7) is None and close_up(mask.flatten(), 8, 8, 7, 7) is not None


if __name__ == '__main__':
    GOLDEN.write_text(json.dumps([told(*case) for case in CASES], indent=1) + '\n')
