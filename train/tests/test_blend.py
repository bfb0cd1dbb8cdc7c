"""Half way between two trainings."""
import torch

import blend
from maskgit import MaskGit
from presets import PRESETS
from tests.runs import call
from weights import start_from


def test_weights_lie_between_both(tmp_path):
    config = PRESETS['smoke'].transformer
    old, new = MaskGit(config), MaskGit(config)
    for name, net, step in (('old', old, 5), ('new', new, 7)):
        torch.save({'average': net.state_dict(), 'step': step}, tmp_path / f'{name}.pt')
    call(blend, '--preset', 'smoke', '--share', '.25', *(tmp_path / f'{name}.pt' for name in ('old', 'new', 'out')))
    found = torch.load(tmp_path / 'out.pt', weights_only=True)
    assert found['step'] == 7
    for name, between in start_from(MaskGit(config), tmp_path / 'out.pt').state_dict().items():
        assert torch.allclose(between, .75 * old.state_dict()[name] + .25 * new.state_dict()[name], atol=1e-6)
