"""What tests share: trainers in this process, and under torchrun, on one thread, at the size of a toy."""
import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import torch

TRAIN = Path(__file__).resolve().parent.parent


def call(module, *flags, code=0):
    """module.main() as a command with these flags -> what it printed."""
    out = io.StringIO()
    torch.set_num_threads(1)
    with mock.patch.object(sys, 'argv', [f'{module.__name__}.py', *map(str, flags)]), contextlib.redirect_stdout(out):
        assert (module.main() or 0) == code, out.getvalue()
    return out.getvalue()


def torchrun(script, *flags):
    """The script in two processes."""
    done = subprocess.run([sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2', '--', script, *map(str, flags)],
                          cwd=TRAIN, capture_output=True, text=True, env={**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONPATH': str(TRAIN)})
    assert done.returncode == 0, done.stderr[-3000:]
