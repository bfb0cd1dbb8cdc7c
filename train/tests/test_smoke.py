"""The whole pipeline at the size of a toy: train both stages, stop by the clock and resume, export."""
import json

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
    log = call(train_maskgit, *toy, '--set', 'transformer_run.steps=20')
    assert all(f'loss_masked_{part} ' in log for part in ('0-25', '25-50', '50-75', '75-100')) and 'samples_per_s' in log
    assert (tmp_path / 'smoke' / 'maskgit-sheet.png').exists() and (tmp_path / 'smoke' / 'maskgit.png').exists()
    call(export, *toy, '--out', tmp_path / 'out')
    out = tmp_path / 'out' / 'public' / 'models' / 'smoke'
    manifest = json.loads((out / 'model.json').read_text())
    assert manifest['format'] == 'unmask-model' and len(manifest['classes']) == manifest['config']['transformer']['classes']
    for shard in manifest['shards']:
        assert (out / shard['file']).stat().st_size == shard['sizeBytes']
