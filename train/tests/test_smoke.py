"""The whole pipeline at the size of a toy: train both stages, stop by the clock and resume, export."""
import json

import torch

import export
import run
import train_maskgit
import train_tokenizer
from tests.runs import call


def test_smoke(tmp_path):
    toy = '--preset', 'smoke', '--runs', tmp_path
    stopped = call(train_tokenizer, *toy, '--minutes', '.02', code=run.NOT_FINISHED)
    assert 'the same command goes on' in stopped
    resumed = call(train_tokenizer, *toy)
    assert 'psnr' in resumed
    onward = tmp_path / 'onward'
    call(train_tokenizer, '--preset', 'smoke', '--runs', onward, '--start', tmp_path / 'smoke' / 'tokenizer.pt',
         '--set', 'tokenizer_run.steps=2', 'tokenizer_run.plain=0', 'tokenizer_run.rate=1e-5')
    one, two = (torch.load(runs / 'smoke' / 'tokenizer.pt', weights_only=True)['average']['quantizer.codebook'] for runs in (tmp_path, onward))
    assert (two - one).norm() < .3 * one.norm()                                               # it went on: k-means would have shuffled it
    log = call(train_maskgit, *toy, '--set', 'transformer_run.steps=20')
    assert all(f'loss_masked_{part} ' in log for part in ('0-25', '25-50', '50-75', '75-100')) and 'samples_per_s' in log
    assert (tmp_path / 'smoke' / 'maskgit-sheet.png').exists() and (tmp_path / 'smoke' / 'maskgit.png').exists()
    call(export, *toy, '--out', tmp_path / 'out')
    out = tmp_path / 'out' / 'public' / 'models' / 'smoke'
    manifest = json.loads((out / 'model.json').read_text())
    assert manifest['format'] == 'unmask-model' and len(manifest['classes']) == manifest['config']['transformer']['classes']
    for shard in manifest['shards']:
        assert (out / shard['file']).stat().st_size == shard['sizeBytes']
