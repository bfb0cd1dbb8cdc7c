"""Every script runs on a device that is not the CPU: whatever a GPU would refuse as being in two places is refused here too."""
import functools
import shutil
from unittest import mock

import pytest
import torch

import evaluate
import train_maskgit
import train_tokenizer
from tests.elsewhere import NAME, elsewhere
from tests.runs import call

SMALL = 'mobilenet_v2', ('expanded_conv_project_BN', 'block_2_add')  # in place of InceptionV3, which takes its time
TOY = '--preset', 'smoke', '--device', NAME, '--dtype', 'f32'


def test_the_device_refuses_what_a_gpu_refuses():
    with elsewhere():
        x, here = torch.arange(12., device=NAME).view(3, 4), torch.ones(3, 4)
        for wrong in (lambda: x + here, lambda: here.add_(x), lambda: torch.cat([x, here]), lambda: torch.where(x > 3, x, here), lambda: here[x[0].long()],
                      lambda: x.copy_(here).index_put_((torch.tensor([0]),), here[:1]), lambda: torch.nn.Linear(4, 2)(x), x.numpy,
                      lambda: torch.rand(3, device=NAME, generator=torch.Generator()), lambda: torch.rand(3, generator=torch.Generator(NAME))):
            with pytest.raises((RuntimeError, TypeError)):
                wrong()
        x = torch.arange(12., device=NAME).view(3, 4)
        x[torch.tensor([2])] += torch.tensor(1.)                                              # indices and numbers may come along
        assert x.device.type == NAME and (x.cpu() == torch.tensor([[0., 1, 2, 3], [4, 5, 6, 7], [9, 10, 11, 12]])).all()
        x.view(-1)[:2] = 5                                                                    # a view is a view
        assert x.sum().item() == 79 and torch.rand(3, device=NAME, generator=torch.Generator(NAME).manual_seed(1)).device == x.device


def test_both_stages_and_the_evaluation_stay_on_their_device(tmp_path):
    first, second = tmp_path / 'first', tmp_path / 'second'
    stage_1 = '--set', 'tokenizer_run.plain=.3', 'tokenizer_run.adversarial=.1', 'tokenizer_run.adversarial_after=.5', 'tokenizer_run.perceptual=.05'
    with elsewhere():
        call(train_tokenizer, *TOY, '--runs', first, *stage_1, 'tokenizer_run.steps=5')
        assert 'loss_adversarial' in call(train_tokenizer, *TOY, '--runs', first, *stage_1, 'tokenizer_run.steps=7')  # resumed
        call(train_maskgit, *TOY, '--runs', first, '--set', 'transformer_run.steps=2')
        shutil.copytree(first / 'smoke', second / 'smoke')
        start = '--runs', second, '--start', first / 'smoke' / 'maskgit.pt'
        for how in (['--other-codes', '--set'], ['--set', 'flips=no', 'transformer_run.settled=yes', 'transformer_run.likelier=1']):
            (second / 'smoke' / 'maskgit.pt').unlink()
            call(train_maskgit, *TOY, *start, *how, 'transformer_run.steps=2')
        call(train_maskgit, *TOY, '--runs', second, '--objective', 'raster', '--set', 'transformer_run.steps=2')
        call(train_tokenizer, *TOY, '--runs', second, '--decoder-only', '--set', 'tokenizer_run.steps=9')
        with mock.patch.object(evaluate, 'classifier', functools.partial(evaluate.classifier, steps=3)), mock.patch.object(evaluate, 'DISTANCE', SMALL):
            assert 'FD, InceptionV3' in call(evaluate, *TOY, '--runs', first, '--quick', '--edits', 4)
    weights = torch.load(first / 'smoke' / 'maskgit.pt', weights_only=True)['model']          # a checkpoint from there is read anywhere
    assert all(v.device.type == 'cpu' and type(v) is torch.Tensor for v in weights.values())
