"""What --set and --data make of a preset."""
import pytest
from PIL import Image

from presets import PRESETS, on_folder, override


@pytest.mark.parametrize('text, value', [('1', True), ('true', True), ('0', False), ('False', False)])
def test_a_switch_is_on_or_off(text, value):
    assert override(PRESETS['mini'], [f'transformer_run.settled={text}']).transformer_run.settled is value


def test_a_number_keeps_its_kind():
    changed = override(PRESETS['mini'], ['strewn=40', 'transformer_run.ratio_power=.35', 'transformer_run.steps=7'])
    assert (changed.strewn, changed.transformer_run.ratio_power, changed.transformer_run.steps) == (40, .35, 7)
    assert isinstance(changed.transformer_run.steps, int)


def test_pictures_have_no_sprites_to_settle_on(tmp_path):
    for name in 'ab':
        (tmp_path / name).mkdir()
        Image.new('RGB', (64, 64)).save(tmp_path / name / '1.png')
    assert PRESETS['worlds-64-lite'].transformer_run.settled
    assert not on_folder(PRESETS['worlds-64-lite'], tmp_path, 64).transformer_run.settled
