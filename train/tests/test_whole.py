"""A thing is whole if a person would say so, and one patch of a thing gets one code."""
import dataclasses

import pytest
import torch

import run
from data.worlds import WORLDS_64, WORLDS_128_LITE, Worlds, pasted
from presets import PRESETS
from settle import Settler
from train_maskgit import Draw, batch, with_settled
from whole import Templates

PRESET = PRESETS['mini']


@pytest.fixture(scope='module')
def scenes():
    worlds = Worlds(dataclasses.replace(PRESET.world, others=(1.,), empty=0.), seed=3)
    pixels, labels, _ = zip(*(worlds.scene(i) for i in range(40)))
    return run.pictures(torch.stack([torch.from_numpy(p.copy()) for p in pixels])), torch.tensor(labels)


def test_real_things_are_whole_and_others_are_not_there(scenes):
    pictures, labels = scenes
    templates = Templates(PRESET.world)
    assert templates.whole(pictures, labels).float().mean() > .95
    assert templates.whole(pictures, labels.roll(1)).float().mean() < .2


def test_a_thing_with_a_dent_is_not_whole(scenes):
    pictures, labels = scenes
    templates = Templates(PRESET.world)
    dented = pictures.clone()
    for picture, label in zip(dented, labels):
        there = templates.where(picture, int(label))
        middle = there.y + there.solid.shape[0] // 2 // 4 * 4, there.x + there.solid.shape[1] // 2 // 4 * 4
        picture[:, middle[0]:middle[0] + 8, middle[1]:middle[1] + 4] = 1 - picture[:, middle[0]:middle[0] + 8, middle[1]:middle[1] + 4]  # two cells
    assert templates.whole(dented, labels).float().mean() < .1


def test_a_bit_that_hangs_beside_a_thing_is_seen():
    options = dataclasses.replace(WORLDS_128_LITE, others=(1.,), empty=0.)
    worlds, templates, magenta = Worlds(options, seed=3), Templates(options), torch.tensor([1., 0, 1])[:, None, None]
    spoilt = 0
    for i in range(24):
        pixels, label, _ = worlds.scene(i)
        picture = run.pictures(torch.from_numpy(pixels.copy())[None])
        assert templates.clean(picture, [label])
        there = templates.where(picture[0], label)
        middle = there.solid.shape[0] // 2
        right = there.x + int(there.solid[middle - 4:middle + 4].amax(0).nonzero().max()) + 1
        if right + 12 <= 128:                               # room beside it
            picture[0, :, there.y + middle - 4:there.y + middle + 4, right + 4:right + 12] = magenta
            assert not templates.clean(picture, [label]), worlds.o.classes[label]
            spoilt += 1
    assert spoilt > 5


def test_empty_is_left_out(scenes):
    pictures, labels = scenes
    assert len(Templates(PRESET.world).whole(pictures[:3], torch.tensor([PRESET.transformer.classes - 1, int(labels[1]), -1]))) == 1


def test_a_world_that_turns_its_sprites_is_refused():
    with pytest.raises(AssertionError, match='turns'):
        Templates(WORLDS_64)


def test_tokens_of_things_settle_on_the_code_that_most_scenes_have():
    worlds, settler = Worlds(PRESET.world, seed=0), Settler(PRESET)
    label = PRESET.world.classes.index('heart')
    box = worlds.sprites.at(worlds.files['heart'][0], 24 * 3).size
    w, h = (-(-side // 3) for side in box)
    covered = settler.covered(label, 24)
    assert covered.any() and not covered.all()                                                # a heart has corners that it leaves free

    objects = torch.full((5, 5, 6), -1)
    for scene, (x, y) in enumerate([(0, 0), (4, 0), (8, 4), (0, 4), (4, 4)]):
        objects[scene, 0] = torch.tensor([label, x, y, x + w, y + h, 100])
    objects[4, 1] = torch.tensor([3, 4, 4, 4 + 32, 4 + 12, 100])                              # hides the upper three rows in the last scene
    tokens = torch.arange(5 * 64).view(5, 64).to(torch.int16) + 500                           # no two alike, but for those of the heart:
    row, col = covered.nonzero()[0].tolist(), covered.nonzero()[-1].tolist()
    at = lambda scene, cell: (scene, (int(objects[scene, 0, 2]) // 4 + cell[0]) * 8 + int(objects[scene, 0, 1]) // 4 + cell[1])
    for cell, codes in ((row, (7, 9, 9, 9, 5)), (col, (2, 2, 4, 4, 4))):
        for scene, code in enumerate(codes):
            tokens[at(scene, cell)] = code
    settled = settler.learn(tokens, objects).settle(tokens, objects)
    assert [settled[at(scene, row)] for scene in range(5)] == [9, 9, 9, 9, 5]                 # hidden in the last: left alone
    assert [settled[at(scene, col)] for scene in range(5)] == [4] * 5
    inside = torch.zeros(5, 64, dtype=torch.bool)
    for scene in range(5):
        for cell in covered.nonzero().tolist():
            inside[at(scene, cell)] = True
    assert (settled == tokens)[~inside].all()


def test_mirrored_pictures_do_not_settle():
    with pytest.raises(AssertionError, match='mirrored'):
        Settler(dataclasses.replace(PRESET, flips=True))


def test_settled_tokens_are_to_be_guessed_and_stand_around_in_whole_pictures_alone():
    class Ones:
        def settle(self, tokens, objects):
            return torch.ones_like(tokens)
    run_of = lambda share: dataclasses.replace(PRESET, transformer_run=dataclasses.replace(PRESET.transformer_run, batch=64, box_share=share, settled=True))
    objects = torch.full((8, 5, 6), -1, dtype=torch.int16)
    objects[:, 0] = torch.tensor([3, 0, 0, 32, 28, 100])                                      # seven rows; one row is no box for anything else
    tokens = torch.zeros(1, 8, 64, dtype=torch.int16)
    data = with_settled(Ones(), tokens, tokens, torch.full((8,), 3), objects)
    for share, around in ((1., 0), (0., 1)):
        given, truth, guessed, _ = batch(*data, run_of(share), Draw(torch.Generator().manual_seed(0)))
        shown = lambda rows: [code for code in given.view(-1, 8, 8)[:, rows].flatten().tolist() if code != PRESET.transformer.mask]
        assert (truth == 1).all() and guessed.any()
        assert set(shown(slice(0, 7))) == {1}                                                 # within its box an edit sees what it painted itself
        assert (0 in shown(slice(7, 8))) == (around == 0)


def test_a_lower_power_masks_more():
    preset = lambda power: dataclasses.replace(PRESET, transformer_run=dataclasses.replace(PRESET.transformer_run, batch=512, box_share=0., ratio_power=power))
    tokens, labels, objects = torch.zeros(1, 8, 64, dtype=torch.int16), torch.zeros(8, dtype=torch.long), torch.full((8, 5, 6), -1, dtype=torch.int16)
    nearly_all = lambda power: ((batch(tokens, tokens, labels, objects, preset(power), Draw(torch.Generator().manual_seed(0)))[0] == PRESET.transformer.mask).float().mean(1) > .9).float().mean()
    assert .22 < nearly_all(1.) < .36 and .4 < nearly_all(.35) < .56


def test_a_thing_is_sought_in_its_box_in_every_size():
    worlds, templates = Worlds(pasted(WORLDS_128_LITE, 16), seed=3), Templates(WORLDS_128_LITE, any_from=4 / 16)
    pixels, _, objects = zip(*(worlds.scene(i) for i in range(30)))
    pictures = run.pictures(torch.stack([torch.from_numpy(p.copy()) for p in pixels]))
    of = [(scene, row) for scene, rows in enumerate(objects) for row in rows if max(row[3] - row[1], row[4] - row[2]) >= 32 and max(row[3:5]) < 128]  # may be cut off
    scenes, labels, boxes = [scene for scene, _ in of], [row[0] for _, row in of], torch.tensor([row[1:5] for _, row in of])
    boxes = torch.cat([boxes[:, :2] // 8 * 8, -(-boxes[:, 2:] // 8) * 8], 1)
    assert templates.whole_in_boxes(pictures[scenes], boxes, labels).float().mean() > .97
    assert templates.whole_in_boxes(pictures[scenes], boxes, labels[1:] + labels[:1]).float().mean() < .1
    assert not templates.whole_in_boxes(pictures[scenes], torch.tensor([[0, 0, 8, 8]] * len(of)), labels).any()  # no room
