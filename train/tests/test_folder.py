"""Your own folder, from pictures to the `unmask` command: what PyTorch computes is what it computes."""
import json
import subprocess
import tarfile

import numpy as np
import pytest
from PIL import Image

import export
import presets
import run
import train_maskgit
import train_tokenizer
from data.folder import EVERY, FolderOptions, fingerprint, prepare
from tests.runs import TRAIN, call
from weights import read_safetensors, write_safetensors

ROOT = TRAIN.parent
COLOURS = {'green pear': (70, 160, 60), 'lemon': (240, 220, 60), 'plum': (90, 40, 110)}


@pytest.fixture
def pictures(tmp_path):
    """Three classes of twelve plain pictures each, wider than high."""
    random = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (tmp_path / 'fruit' / name).mkdir(parents=True)
        for i in range(12):
            pixels = np.clip(np.array(colour) + random.normal(0, 12, (30, 40, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / 'fruit' / name / f'{i}.png')
    return tmp_path / 'fruit'


def test_pictures_are_sorted_into_classes_cropped_and_held_out(tmp_path, pictures):
    (pictures / 'lemon' / 'notes.txt').write_text('no picture')
    options = FolderOptions.of(pictures, 16)
    assert options.classes == tuple(COLOURS) and options.title == 'Fruit'
    parts = {}
    for part in ('train', 'held-out'):
        prepare(tmp_path / part, options, part)
        parts[part] = [np.load(tmp_path / part / f'{name}.npy') for name in ('images', 'labels', 'objects')]
    assert len(parts['train'][0]) + len(parts['held-out'][0]) == 36 and len(parts['held-out'][0]) == round(36 / EVERY)
    for images, labels, objects in parts.values():
        assert images.shape[1:] == (16, 16, 3) and (objects == -1).all()
        for image, label in zip(images, labels):
            assert np.abs(image.mean((0, 1)) - list(COLOURS.values())[label]).max() < 10
    before = fingerprint(options)
    (pictures / 'plum' / '3.png').unlink()
    assert fingerprint(options) != before


def test_labels_in_a_file_and_pictures_in_a_tar_are_read(tmp_path, pictures):
    market, images = tmp_path / 'market', []
    market.mkdir()
    with tarfile.open(market / 'pictures.tar', 'w') as tar:
        for k, name in enumerate(COLOURS):
            tar.add(pictures / name / '0.png', f'{k:05}.png')
            images.append({'file': f'{k:05}.png', 'label': k})
    (market / 'labels.json').write_text(json.dumps({'classes': list(COLOURS), 'images': images}))
    prepare(tmp_path / 'out', FolderOptions.of(market, 16), 'train')
    assert np.load(tmp_path / 'out' / 'labels.npy').tolist() == [0, 1, 2]
    assert np.abs(np.load(tmp_path / 'out' / 'images.npy')[1].mean((0, 1)) - COLOURS['lemon']).max() < 10


def test_what_cannot_be_read_is_named(tmp_path, pictures):
    with pytest.raises(AssertionError, match='is no folder'):
        FolderOptions.of(tmp_path / 'nowhere', 16)
    (pictures / 'lemon' / 'broken.jpg').write_bytes(b'no picture')
    with pytest.raises(SystemExit, match='broken.jpg cannot be read as a picture'):
        prepare(tmp_path / 'out', FolderOptions.of(pictures, 16), 'train')


@pytest.mark.parametrize('name', presets.PRESETS)
def test_every_preset_takes_a_folder(name, pictures):
    preset = presets.on_folder(presets.PRESETS[name], pictures, 32)
    images, labels, _ = run.scenes(preset)
    assert images.shape[1:] == (32, 32, 3) and set(labels.tolist()) == {0, 1, 2}


def unmask(*command):
    done = subprocess.run(['node', ROOT / 'bin' / 'unmask.mjs', *map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_folder_becomes_a_model_that_unmask_runs(tmp_path, pictures):
    own = '--preset', 'smoke', '--data', pictures, '--size', '16', '--runs', tmp_path / 'runs'
    call(train_tokenizer, *own, '--set', 'tokenizer_run.steps=6')
    call(train_maskgit, *own, '--set', 'transformer_run.steps=6')
    for weights in ('f32', 'f16', 'int8'):
        call(export, *own, '--weights', weights, '--out', tmp_path / weights, '--licence', 'CC0')
        model, golden = tmp_path / weights / 'public' / 'models' / 'fruit', read_safetensors(tmp_path / weights / 'golden' / 'fruit.safetensors')
        manifest = json.loads((model / 'model.json').read_text())
        assert [c['name'] for c in manifest['classes']] == list(COLOURS) and manifest['licence']['name'] == 'CC0'
        tokens, trace = tmp_path / 'tokens.safetensors', tmp_path / 'trace.safetensors'
        write_safetensors(tokens, {'tokens': golden['tokens']})
        unmask('logits', '--model', model, '--tokens', tokens, '--class', 'green pear', '--trace', trace)
        assert np.abs(read_safetensors(trace)['logits'] - golden['logits']).max() <= 2e-4
        if weights == 'int8':
            write_safetensors(tokens, {'tokens': golden['finalTokens']})
            unmask('decode', '--model', model, '--tokens', tokens, '--out', tmp_path / 'out.png', '--trace', trace)
            assert np.abs(read_safetensors(trace)['pixels'] - golden['pixels']).max() <= 1e-4
    sizes = {w: sum(f.stat().st_size for f in (tmp_path / w).rglob('*.safetensors')) for w in ('f32', 'f16', 'int8')}
    assert sizes['f32'] > 1.8 * sizes['f16'] and sizes['f16'] > sizes['int8']


def test_the_raster_baseline_is_exported_as_what_it_is(tmp_path, pictures):
    own = '--preset', 'smoke', '--data', pictures, '--size', '16', '--runs', tmp_path / 'runs'
    call(train_tokenizer, *own, '--set', 'tokenizer_run.steps=4')
    log = call(train_maskgit, *own, '--objective', 'raster', '--set', 'transformer_run.steps=4')
    assert 'loss_rows_0-25' in log and (tmp_path / 'runs' / 'fruit-raster' / 'maskgit.pt').exists()
    call(export, *own, '--objective', 'raster', '--out', tmp_path / 'out')
    manifest = json.loads((tmp_path / 'out' / 'public' / 'models' / 'fruit-raster' / 'model.json').read_text())
    assert manifest['config']['transformer']['order'] == 'raster' and manifest['assets']['recordings'] == []
