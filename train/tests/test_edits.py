"""What teaches edits: pasted things among the tokens of before, and weight for what is small."""
import dataclasses

import torch

from data.worlds import FINE
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
    longer = torch.tensor([2, 3, 4, 5, 6, 8, 10, 12, 14])[draw.below(9, n)]
    shorter = (longer * (.4 + .6 * draw(n))).ceil().long()
    upright = draw(n) < .5
    w, h = torch.where(upright, shorter, longer), torch.where(upright, longer, shorter)
    left, top = (draw(n) * (c.cols + 1 - w)).long(), (draw(n) * (c.rows + 1 - h)).long()
    x0, y0, x1, y1 = box_for(left, top, left + w - 1, top + h - 1, c, 2, draw)
    bw, bh = x1 - x0 + 1, y1 - y0 + 1
    assert min(x0.min(), y0.min()) >= 0 and max(x1.max(), y1.max()) < 16
    assert torch.equal(left - x0, (bw - w) // 2) and torch.equal(top - y0, (bh - h) // 2)
    next_size = longer + torch.where(longer >= FINE, 2, 1)
    fits = (bw >= next_size * w / longer) & (bh >= next_size * h / longer)
    assert not fits.any(), 'the next size would have had room'
    assert (bw == bh).float().mean() > .35 and min((bw - w).max(), (bh - h).max()) > 6        # squares, and long boxes
