"""The whole pipeline at the size of a toy: train both stages, stop and resume, export."""
import json
import subprocess
import sys
from pathlib import Path

TRAIN = Path(__file__).resolve().parent.parent


def python(*command):
    done = subprocess.run([sys.executable, *command], cwd=TRAIN, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_smoke(tmp_path):
    runs = ['--preset', 'smoke', '--threads', '1', '--runs', str(tmp_path)]
    python('train_tokenizer.py', *runs, '--set', 'tokenizer_run.steps=20')
    resumed = python('train_tokenizer.py', *runs)  # to 40 steps
    assert 'psnr' in resumed
    losses = [line for line in python('train_maskgit.py', *runs).splitlines() if ' loss ' in line]
    assert losses and (tmp_path / 'smoke' / 'maskgit-sheet.png').exists()
    python('export.py', *runs, '--out', str(tmp_path / 'out'))
    manifest = json.loads((tmp_path / 'out' / 'public' / 'models' / 'smoke' / 'model.json').read_text())
    assert manifest['format'] == 'unmask-model' and len(manifest['classes']) == manifest['config']['transformer']['classes']
    for shard in manifest['shards']:
        assert (tmp_path / 'out' / 'public' / 'models' / 'smoke' / shard['file']).stat().st_size == shard['sizeBytes']
