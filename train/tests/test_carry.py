"""A transformer goes on with another codebook, and box samples are what they say."""
import dataclasses

import torch

from carry import carry_over
from data.worlds import NO_LABEL
from maskgit import MaskGit, TransformerConfig
from presets import PRESETS
from run import pictures
from tokenizer import Tokenizer, TokenizerConfig
from train_maskgit import Draw, batch, weights_of
from weights import start_from

TOKENS = TokenizerConfig(size=16, filters=8, multipliers=(1, 1, 1), groups=2, codebook=8, embedding=4)
NETWORK = TransformerConfig(rows=4, cols=4, codebook=8, classes=3, width=16, layers=1, heads=2, mlp=32)


def test_codes_that_split_an_old_one_share_its_chance(tmp_path):
    torch.manual_seed(0)
    old, was = Tokenizer(TOKENS).eval(), MaskGit(NETWORK).eval()
    for p in was.parameters():
        p.data += .3 * torch.randn_like(p)
    images = torch.randint(0, 256, (64, 16, 16, 3), dtype=torch.uint8)
    with torch.no_grad():
        old.quantizer.start(old.encoder(pictures(images)).permute(0, 2, 3, 1).flatten(0, 2))  # so that every entry is in use
    torch.save({'average': old.state_dict()}, tmp_path / 'tokenizer.pt')
    torch.save({'average': was.state_dict()}, tmp_path / 'maskgit.pt')
    new, model = Tokenizer(dataclasses.replace(TOKENS, codebook=16)).eval(), MaskGit(dataclasses.replace(NETWORK, codebook=16)).eval()
    entries = old.quantizer.codebook
    twins = torch.cat([entries, entries + 1e-4 * torch.randn_like(entries)])                  # codes k and k + 8 stand where k stood
    new.load_state_dict(old.state_dict() | {'quantizer.codebook': twins, 'quantizer.counts': torch.ones(16), 'quantizer.sums': twins})
    model.Embed_0.word_embeddings.weight.data.zero_()
    carry_over(model, tmp_path / 'maskgit.pt', new, images, 'cpu')
    seen = torch.randint(0, 16, (3, 16))
    with torch.no_grad():
        now = model(seen, torch.arange(3)).softmax(-1)
        then = was(seen % 8, torch.arange(3)).softmax(-1)
    assert torch.allclose(now[..., :8] + now[..., 8:], then, atol=5e-3)          # some vectors lie between two entries


def test_a_scene_without_label_is_learnt_by_its_boxes_alone():
    preset = dataclasses.replace(PRESETS['smoke'], flips=False, transformer_run=dataclasses.replace(PRESETS['smoke'].transformer_run, batch=64, class_drop=0.))
    tokens, labels = torch.zeros(1, 8, 64, dtype=torch.int16), torch.full((8,), NO_LABEL)
    objects = torch.full((8, 5, 6), -1, dtype=torch.int16)
    objects[:, 0] = torch.tensor([7, 0, 0, 32, 32, 20])                                       # mostly hidden: not to be learnt
    objects[:, 1] = torch.tensor([3, 4, 8, 12, 16, 100])                                      # 2 x 2 tokens, columns 1-2, rows 2-3
    given, _, _, label = batch(tokens, tokens, labels, objects, preset, Draw(torch.Generator().manual_seed(0)))
    assert (label == 3).all()
    share = (given == preset.transformer.mask).float().view(64, 8, 8).mean(0)
    assert share[2:4, 1:3].min() > .6 and share[7, 7] < .2


def test_other_holes_are_masked_and_not_to_be_guessed():
    preset = dataclasses.replace(PRESETS['smoke'], flips=False, transformer_run=dataclasses.replace(PRESETS['smoke'].transformer_run, batch=256, class_drop=0.))
    tokens, labels = torch.zeros(1, 8, 64, dtype=torch.int16), torch.full((8,), NO_LABEL)
    objects = torch.full((8, 5, 6), -1, dtype=torch.int16)
    objects[:, 0] = torch.tensor([3, 0, 0, 8, 8, 100])                                        # 2 x 2 tokens in the corner
    given, _, guessed, _ = batch(tokens, tokens, labels, objects, preset, Draw(torch.Generator().manual_seed(0)))
    masked = given == preset.transformer.mask
    far = torch.zeros(8, 8, dtype=torch.bool)
    far[3:, 3:] = True
    assert not (guessed & ~masked).any()
    assert .2 < (masked & far.flatten()).any(1).float().mean() < .8                           # a hole far away in about half of them …
    assert not (guessed & far.flatten()).any()                                                # … where this thing's box does not reach


def test_a_small_box_counts_more_than_its_tokens():
    guessed = torch.zeros(2, 64, dtype=torch.bool)
    guessed[0, :4], guessed[1] = True, True
    assert weights_of(guessed).sum(1).tolist() == [2, 8]
    assert (weights_of(guessed)[~guessed] == 0).all()


def test_a_network_goes_on_with_a_finer_grid(tmp_path):
    torch.manual_seed(0)
    was, finer = MaskGit(NETWORK), MaskGit(dataclasses.replace(NETWORK, rows=8, cols=8))
    torch.save({'average': was.state_dict()}, tmp_path / 'maskgit.pt')
    start_from(finer, tmp_path / 'maskgit.pt')
    places, old = (m.Embed_0.position_embeddings.weight.detach() for m in (finer, was))
    assert torch.equal(places[0], old[0])                                                     # the class stays the first
    assert torch.equal(places[1:].view(8, 8, -1)[::2, 1::2], old[1:].view(4, 4, -1))
    assert torch.equal(finer.MlmLayer_0.mlm_dense.weight, was.MlmLayer_0.mlm_dense.weight)
