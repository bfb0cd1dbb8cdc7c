"""Weights half way between two trainings: `python blend.py OLD NEW OUT`, maskgit.pt files or folders of exported models; OUT is a maskgit.pt.

Where NEW began at OLD, the way between them stays low in loss, and what NEW learnt comes at less cost to what OLD could
(Wortsman et al. 2022, Robust fine-tuning of zero-shot models; decision 48).
"""
import argparse
from pathlib import Path

import torch

import run
from maskgit import MaskGit
from presets import PRESETS
from weights import start_from


def blend(old, new, share):
    """Two networks of the same shape -> the second, `share` of the way from the first to itself."""
    before, after = old.state_dict(), new.state_dict()
    new.load_state_dict({name: before[name].lerp(after[name], share) for name in after})
    return new


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--preset', default='mini', choices=PRESETS)
    p.add_argument('--share', type=float, default=.5, help='how far from OLD (0) to NEW (1)')
    for name in ('old', 'new', 'out'):
        p.add_argument(name)
    a = p.parse_args()
    nets = [start_from(MaskGit(PRESETS[a.preset].transformer), source) for source in (a.old, a.new)]
    weights = blend(*nets, a.share).state_dict()
    steps = torch.load(a.new, map_location='cpu', weights_only=True)['step'] if Path(a.new).is_file() else 0
    run.save(a.out, model=weights, average=weights, step=steps)


if __name__ == '__main__':
    main()
