"""A tokenizer of twice the picture that keeps to the tokens of a coarser one."""
import dataclasses
import json

import pytest
import torch
import torch.nn.functional as F

import presets
import train_tokenizer
from carry import finer
from tests.runs import call
from tokenizer import Tokenizer, TokenizerConfig

COARSE = TokenizerConfig(size=16, filters=8, multipliers=(1, 2), res_blocks=2, groups=2, codebook=8, embedding=4)
FINE = dataclasses.replace(COARSE, size=32, multipliers=(1, 1, 2))
SMOKE = presets.PRESETS['smoke']
TWICE = dataclasses.replace(SMOKE, name='smoke-twice', world=dataclasses.replace(SMOKE.world, size=64, lattice=8), strewn=0, pasted=0,
                            tokenizer=dataclasses.replace(SMOKE.tokenizer, size=64, multipliers=SMOKE.tokenizer.multipliers[:1] + SMOKE.tokenizer.multipliers))


def test_it_begins_as_the_coarse_one_doubled():
    torch.manual_seed(0)
    coarse = Tokenizer(COARSE).eval()
    fine = finer(Tokenizer(FINE).eval(), coarse)
    ids, last = torch.randint(0, 8, (2, 8, 8)), getattr(coarse.decoder, coarse.decoder.last)
    shown = {}
    last.register_forward_pre_hook(lambda _, given: shown.update(h=given[0]))
    with torch.no_grad():
        coarse.decode(ids)
        wanted = last(F.interpolate(shown['h'], scale_factor=2, mode='nearest'))
        assert torch.allclose(fine.decode(ids), wanted, atol=1e-5)
        x = torch.rand(2, 3, 32, 32)
        halved = F.avg_pool2d(coarse.encoder.Conv_0(x), 2)
        coarse.encoder.Conv_0 = torch.nn.Identity()
        assert torch.allclose(fine.encoder(x), coarse.encoder(halved), atol=1e-5)


def test_another_grid_is_refused():
    with pytest.raises(AssertionError, match='one level more on top'):
        finer(Tokenizer(dataclasses.replace(FINE, multipliers=(1, 2))), Tokenizer(COARSE))


def test_training_keeps_every_token_and_learns_to_give_them(tmp_path, monkeypatch):
    monkeypatch.setitem(presets.PRESETS, 'smoke-twice', TWICE)
    call(train_tokenizer, '--preset', 'smoke', '--runs', tmp_path)
    teacher = tmp_path / 'smoke' / 'tokenizer.pt'
    again = lambda steps: call(train_tokenizer, '--preset', 'smoke-twice', '--runs', tmp_path, '--finer', teacher, '--set',
                               'tokenizer_run.ema=.9', 'tokenizer_run.rate=2e-3', f'tokenizer_run.steps={steps}')
    again(1)
    again(60)                                               # goes on
    with pytest.raises(AssertionError, match='begun with --finer'):
        call(train_tokenizer, '--preset', 'smoke-twice', '--runs', tmp_path)
    rows = [json.loads(line) for line in (tmp_path / 'smoke-twice' / 'tokenizer.jsonl').read_text().splitlines()]
    first, last = (row for row in rows if 'as_taught' in row)
    assert last['as_taught'] > first['as_taught'] + .1, rows
    assert last['psnr'] > first['psnr'] + 1, rows
    weights = [torch.load(file, weights_only=True)['average'] for file in (teacher, tmp_path / 'smoke-twice' / 'tokenizer.pt')]
    assert torch.equal(*(state['quantizer.codebook'] for state in weights))
