"""What --set and --data make of a preset, and a processor of its products."""
import pytest
import torch
from PIL import Image

import run
from maskgit import MaskGit
from presets import PRESETS, on_folder, override
from train_maskgit import optimizers_of


@pytest.mark.parametrize('text, value', [('1', True), ('true', True), ('0', False), ('False', False)])
def test_a_switch_is_on_or_off(text, value):
    assert override(PRESETS['mini'], [f'transformer_run.settled={text}']).transformer_run.settled is value


def test_a_number_keeps_its_kind():
    changed = override(PRESETS['mini'], ['strewn=40', 'transformer_run.ratio_power=.35', 'transformer_run.steps=7'])
    assert (changed.strewn, changed.transformer_run.ratio_power, changed.transformer_run.steps) == (40, .35, 7)
    assert isinstance(changed.transformer_run.steps, int)
    assert override(PRESETS['smoke'], ['tokenizer_run.perceptual=.05']).tokenizer_run.perceptual == .05  # which is 0 there


def test_pictures_have_no_sprites_to_settle_on(tmp_path):
    for name in 'ab':
        (tmp_path / name).mkdir()
        Image.new('RGB', (64, 64)).save(tmp_path / name / '1.png')
    assert PRESETS['worlds-64-lite'].transformer_run.settled
    assert not on_folder(PRESETS['worlds-64-lite'], tmp_path, 64).transformer_run.settled


@pytest.mark.parametrize('processor, products, optimizers', [('AVX2', 'f32', ['AdamW']), ('AVX512', 'bf16', ['Muon', 'AdamW'])])
def test_a_processor_without_avx512_computes_in_f32(monkeypatch, processor, products, optimizers):
    monkeypatch.setattr(torch.backends.cpu, 'get_cpu_capability', lambda: processor)
    asked = lambda *words: (monkeypatch.setattr('sys.argv', ['train', '--preset', 'smoke', '--device', 'cpu', *words]), run.arguments('')[1].dtype)[1]
    assert (asked(), asked('--dtype', 'f32'), asked('--dtype', 'bf16')) == (products, 'f32', 'bf16')
    model = MaskGit(PRESETS['smoke'].transformer)
    made = optimizers_of(model, PRESETS['smoke'].transformer_run, run.Team('cpu'))
    assert [type(o).__name__ for o in made] == optimizers
    trained = [p for o in made for group in o.param_groups for p in group['params']]
    assert len(trained) == len({id(p) for p in trained}) == len(list(model.parameters()))
