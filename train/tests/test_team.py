"""Several GPUs train what one GPU with the same batch trains: two CPU processes under torchrun, PyTorch's own DDP over gloo."""
import json
import re
import shutil

import pytest
import torch
from torch.distributed.run import get_args_parser

import train_maskgit
import train_tokenizer
from tests.both_stages import STAGE_1, STAGE_2, TOY
from tests.runs import TRAIN, call, torchrun


def same(one, two, name, tolerance):
    """Logs and weights; a log of twice as many lines would mean that the second process wrote too."""
    logs = [[json.loads(line) for line in (folder / 'smoke' / f'{name}.jsonl').read_text().splitlines()] for folder in (one, two)]
    assert [row['step'] for row in logs[0]] == [row['step'] for row in logs[1]]
    for a, b in zip(*logs):
        assert all(a[k] == pytest.approx(b[k], rel=1e-3, abs=1e-4) for k in a if k.startswith('loss')), f'{a} {b}'
    weights = [torch.load(folder / 'smoke' / f'{name}.pt', weights_only=True)['model'] for folder in (one, two)]
    for key, value in weights[0].items():
        assert (value - weights[1][key]).abs().max() <= tolerance * max(1, value.abs().max()), key
    return logs[0]


def test_torchrun_leaves_our_flags_to_us():
    launch = re.search(r'launch="torchrun (.*?)"', (TRAIN / 'gpu.sh').read_text())[1].replace('$gpus', '2').split()
    ours = ['--preset', 'smoke', '--start', 'tokenizer.pt', '--runs', 'elsewhere']            # torchrun has --start-method and --run-path
    read = get_args_parser().parse_args([*launch, 'train_tokenizer.py', *ours])
    assert (read.training_script, read.training_script_args) == ('train_tokenizer.py', ours)


def test_two_processes_train_what_one_trains(tmp_path):
    alone, team, team2 = tmp_path / 'alone', tmp_path / 'team', tmp_path / 'team2'
    # what a new encoder says of any two patches is nearly the same: which code is the nearest would hang on the order of sums
    call(train_tokenizer, *TOY, '--runs', tmp_path / 'before', '--set', 'tokenizer_run.steps=40')
    start = tmp_path / 'before' / 'smoke' / 'tokenizer.pt'
    call(train_tokenizer, *TOY, '--runs', alone, '--start', start, *STAGE_1)
    shutil.copytree(alone / 'smoke', team2 / 'smoke')  # stage 2 starts from the very same tokenizer
    call(train_maskgit, *TOY, '--runs', alone, *STAGE_2)
    torchrun('tests/both_stages.py', team, team2, start)
    assert abs(same(alone, team, 'tokenizer', 2e-3)[0]['loss_adversarial']) > 1e-3            # the adversary took part; the hinge loss has either sign
    same(alone, team2, 'maskgit', 5e-4)                                                       # Muon computes its steps in bf16
