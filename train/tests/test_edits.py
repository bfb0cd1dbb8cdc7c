"""What teaches edits: pasted things among the tokens of before, and weight for what is small."""
import dataclasses

import torch

from presets import PRESETS, SMOKE
from tokenizer import TokenizerConfig
from train_maskgit import Draw, as_edited, box_for, size_step
from train_tokenizer import importance

NONE = [-1, -1, -1, -1, -1, -1]


def test_around_what_is_pasted_stand_the_tokens_of_before():
    before, after = torch.arange(64), torch.arange(64) + 100
    preset = dataclasses.replace(SMOKE, scenes=2, pasted=2)
    tokens = torch.stack([before, before + 64, before * 0, after, after + 64]).expand(2, 5, 64).clone()   # plain; mirrored. The third is a strewn scene
    objects = torch.tensor([[NONE, NONE]] * 3 + [[[3, 4, 8, 11, 16, 100], NONE], [[3, 0, 0, 4, 4, 100], [5, 24, 24, 32, 32, 100]]])
    as_edited(tokens, objects, preset)
    grid = tokens.view(2, 5, 8, 8)
    pasted = grid >= 100
    pasted[:, 4] = grid[:, 4] >= 164
    assert (tokens[:, :3] == torch.stack([before, before + 64, before * 0])).all()
    for side in range(2):
        seen = pasted.flip(3) if side else pasted                                             # a mirrored scene's boxes lie on the other side
        assert seen[side, 3].nonzero().tolist() == [[y, x] for y in (2, 3) for x in (1, 2)]
        assert seen[side, 4].nonzero().tolist() == [[0, 0], *([y, x] for y in (6, 7) for x in (6, 7))]
    assert (grid[:, 3][~pasted[:, 3]] < 64).all()


def test_a_small_thing_weighs_more_than_its_pixels():
    small, whole, hidden = [3, 4, 4, 12, 12, 100], [3, 0, 0, 32, 32, 100], [3, 0, 0, 8, 8, 49]
    weight = importance(torch.tensor([[whole, small, NONE], [hidden, NONE, NONE]]), TokenizerConfig(size=32), 32.)
    ground = weight[0, 0, 0, 0]
    assert torch.equal(weight[0, 0, 4:12, 4:12], (8 * ground).expand(8, 8))                   # 32 / 2²
    assert (weight[0, 0, 12:] == ground).all() and (weight[1] == ground).all() and abs(weight.mean() - 1) < 1e-6
    assert (importance(torch.tensor([[small]]), TokenizerConfig(size=32), 0.) == 1).all()


def test_a_thing_is_as_large_as_its_box_allows_and_stands_in_the_middle():
    c, n, draw = PRESETS['worlds-128-lite'].transformer, 4000, Draw(torch.Generator().manual_seed(0))
    assert [size_step(PRESETS[name]) for name in ('worlds-128-lite', 'mini', 'worlds-128')] == [2, 1, 1]
    longer = 2 + 2 * draw.below(7, n)
    shorter = (longer * (.4 + .6 * draw(n))).ceil().long()
    size = torch.where(draw(n, 1) < .5, torch.stack([shorter, longer], 1), torch.stack([longer, shorter], 1))
    first = (draw(n, 2) * (17 - size)).long()
    x0, y0, x1, y1 = box_for(*first.unbind(1), *(first + size - 1).unbind(1), c, 2, draw)
    start, end = torch.stack([x0, y0], 1), torch.stack([x1, y1], 1)
    assert start.min() >= 0 and end.max() < 16
    room = end - start + 1
    assert torch.equal(first - start, (room - size) // 2), 'not in the middle'
    assert not (room * longer[:, None] >= size * (longer + 2)[:, None]).all(1).any(), 'the next size would have had room'
    assert (room[:, 0] == room[:, 1]).float().mean() > .4 and (room - size).amax(0).min() > 7  # squares, and long boxes
    assert {0, 1} <= set((room.amax(1) - longer).tolist())                                    # boxes of every size
