"""The causal baseline: what it remembers changes nothing, and it sees nothing of what is to come."""
import dataclasses

import torch

from maskgit import MaskGit, TransformerConfig
from sampling import MASK, generate_raster

RASTER = TransformerConfig(rows=4, cols=4, codebook=16, classes=3, width=32, layers=2, heads=4, mlp=64, order='raster')


def trained_a_little():
    torch.manual_seed(0)
    model = MaskGit(RASTER).eval()
    for p in model.parameters():
        p.data += .2 * torch.randn_like(p)
    return model


def test_a_picture_painted_with_a_cache_is_the_one_painted_without():
    model, label = trained_a_little(), torch.tensor([0, 2, 1])
    runs = []
    for cached in (True, False):
        trace = []
        tokens = generate_raster(model, label, guidance_scale=1.5, generator=torch.Generator().manual_seed(3), cached=cached, trace=trace)
        runs.append((tokens, torch.stack(trace)))
    (tokens, logits), (again, anew) = runs
    assert torch.equal(tokens, again) and tokens.unique().numel() > 4
    assert (logits - anew).abs().max() < 1e-4


def test_the_logits_of_training_are_those_of_sampling():
    model, label, trace = trained_a_little(), torch.tensor([1, 0]), []
    tokens = generate_raster(model, label, generator=torch.Generator().manual_seed(1), trace=trace)
    with torch.no_grad():
        assert (model(tokens, label) - torch.stack(trace, 1)).abs().max() < 1e-4


def test_a_token_depends_on_none_that_comes_later():
    model, label = trained_a_little(), torch.tensor([1])
    tokens = torch.randint(16, (1, 16))
    later = tokens.clone()
    later[:, 9:] = (later[:, 9:] + 5) % 16
    with torch.no_grad():
        a, b = model(tokens, label), model(later, label)
        parallel = MaskGit(dataclasses.replace(RASTER, order='parallel')).eval()
        parallel.load_state_dict(model.state_dict())
        assert (parallel(tokens, label)[:, 0] - parallel(later, label)[:, 0]).abs().max() > 1e-3  # the other order does look ahead
    assert torch.equal(a[:, :10], b[:, :10]) and not torch.equal(a[:, 10:], b[:, 10:])


def test_known_tokens_are_kept():
    start = torch.full((2, 16), MASK)
    start[:, :7] = 3
    assert (generate_raster(trained_a_little(), torch.tensor([0, 1]), start)[:, :7] == 3).all()
