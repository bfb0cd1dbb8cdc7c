"""Measurements measure what they say."""
import math

import torch

import evaluate
from editing import places
from evaluate import frechet, into_docs
from sampling import MASK, generate, guided_logits, halton_ranks
from tests.test_raster import trained_a_little
from train_maskgit import Draw


def test_the_frechet_distance_of_known_gaussians():
    torch.manual_seed(0)
    spread = torch.tensor([1., 2, .5, 3])
    a, b = torch.randn(20_000, 4) * spread, torch.randn(20_000, 4) * spread.flip(0) + 1
    wanted = 4 + sum((s - t) ** 2 for s, t in zip(spread.tolist(), spread.flip(0).tolist()))
    assert math.isclose(frechet(a, b), wanted, rel_tol=.03)
    assert abs(frechet(a, a)) < 1e-6


def test_the_halton_order_starts_in_the_middle_and_visits_every_token_once():
    ranks = halton_ranks(8, 8)
    assert sorted(ranks.tolist()) == list(range(64))
    order = ranks.argsort().tolist()  # index 1: row 1/2, column 1/3; index 2: 1/4, 2/3; index 3: 3/4, 1/9
    assert order[:3] == [4 * 8 + 2, 2 * 8 + 5, 6 * 8 + 0]


def parallel():
    model = trained_a_little()
    for m in model.modules():
        if hasattr(m, 'causal'):
            m.causal = False
    model.config = type(model.config)(**{**model.config.__dict__, 'order': 'parallel'})
    return model


def test_several_classes_in_one_run_are_each_their_own():
    model, tokens = parallel(), torch.full((2, 16), MASK)
    row = (torch.arange(16) >= 8).long().expand(2, -1)
    both = guided_logits(model, tokens, torch.tensor([[0, 2], [2, 1]]), 1.5, row)
    first, second = (guided_logits(model, tokens, torch.tensor(label), 1.5) for label in ([0, 2], [2, 1]))
    assert (both[:, :8] - first[:, :8]).abs().max() < 1e-4 and (both[:, 8:] - second[:, 8:]).abs().max() < 1e-4
    assert (both[:, 8:] - first[:, 8:]).abs().max() > 1e-2


def test_halton_reveals_in_its_order():
    trace = []
    generate(parallel(), torch.tensor([0]), steps=4, order='halton', generator=torch.Generator().manual_seed(0), trace=trace)
    ranks = halton_ranks(4, 4)
    for step in trace:
        known = ranks[step['tokens'][0] != MASK]
        assert known.max() == len(known) - 1


def test_boxes_do_not_overlap():
    class Grid:
        rows = cols = 8
    at = places(Grid, 50, 4, 3, Draw(torch.Generator().manual_seed(0)))
    cells = torch.zeros(50, 8, 8)
    for i, scene in enumerate(at.tolist()):
        for y, x in scene:
            cells[i, y:y + 4, x:x + 4] += 1
    assert cells.max() == 1 and (cells.sum((1, 2)) == 48).all()


def test_a_report_replaces_its_part_of_a_page_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate, 'DOCS', tmp_path)
    page = tmp_path / 'models.md'
    page.write_text('before\n<!-- measured: mini (train/evaluate.py writes this part) -->\nold\n<!-- end: mini -->\nafter\n')
    for _ in range(2):
        into_docs('models.md', 'mini', ['| new |'])
    assert page.read_text() == 'before\n<!-- measured: mini (train/evaluate.py writes this part) -->\n\n| new |\n\n<!-- end: mini -->\nafter\n'
