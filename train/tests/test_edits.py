"""What teaches edits: things that come into a box, among the tokens of before, and weight for what is small."""
import dataclasses

import torch

from data.worlds import NO_LABEL
from presets import PRESETS, SMOKE
from tokenizer import TokenizerConfig
from train_maskgit import Draw, as_found, batch, box_for, size_step
from train_tokenizer import importance

NONE = [-1, -1, -1, -1, -1, -1]


def test_an_edit_finds_the_tokens_of_before():
    tokens = torch.arange(2 * 5 * 64).view(2, 5, 64)                                          # plain and mirrored; the third is a strewn scene, the last two are the first after edits
    found = as_found(tokens, 2)
    assert torch.equal(found[:, :3], tokens[:, :3]) and torch.equal(found[:, 3:], tokens[:, :2])
    assert torch.equal(as_found(tokens, 0), tokens)


def test_in_the_box_stands_what_comes_and_around_it_what_was():
    objects = torch.full((1, 5, 6), -1, dtype=torch.int16)
    objects[:, 0] = torch.tensor([3, 8, 8, 24, 24, 100])                                      # rows and columns 2 … 5
    before, after = torch.full((1, 1, 64), 5), torch.full((1, 1, 64), 9)
    preset = dataclasses.replace(SMOKE, flips=False, transformer_run=dataclasses.replace(SMOKE.transformer_run, batch=256))
    given, truth, guessed, _ = batch(after, before, torch.tensor([NO_LABEL]), objects, preset, Draw(torch.Generator().manual_seed(0)))
    assert (truth == 9).all() and guessed.any(1).float().mean() > .9                          # else only the other box is masked
    around, inside = given.view(-1, 8, 8)[:, 0], given.view(-1, 8, 8)[:, 3:5, 3:5]
    assert {5, preset.transformer.mask} <= set(around.flatten().tolist()) and set(inside.flatten().tolist()) == {9, preset.transformer.mask}
    seen = (around == 9).any(1)                                                               # where another box was masked in part, what came into it shows
    assert seen.float().mean() < .3


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
