"""Networks from those of another run that differ in shape or meaning.

- `carry_over`: a transformer whose tokenizer was another one: the body as it is, every code's row from the old code it stands for;
- `finer`: a tokenizer of twice the picture on the same grid, whose tokens mean what they meant.
"""
import dataclasses
from pathlib import Path

import torch

import run
from maskgit import MaskGit
from tokenizer import Tokenizer
from weights import start_from


def meanings(old, new, images, device):
    """How often code j of the tokenizer `new` stands where `old` has code k, over images uint8 (N, S, S, 3) -> (new codes, old codes)."""
    k = old.config.codebook
    counts = torch.zeros(new.config.codebook * k)
    with torch.no_grad():
        for part in images.split(100):
            x = run.pictures(part).to(device)
            counts += torch.bincount((new.encode(x) * k + old.encode(x)).flatten().cpu(), minlength=len(counts))
    return counts.view(-1, k)


def carry_over(model, source, stage1, images, device):
    """Fill `model` from the maskgit.pt `source`, beside which its tokenizer.pt lies; `stage1` is the tokenizer that model will use.

    A new code's row is the mean of the old rows, by how often they stood in its place, and what `fresh` gave it on top, so that codes of
    one old code differ; its bias is the old one less what the old code's new siblings take."""
    load = lambda name: torch.load(Path(source).with_name(name), map_location=device, weights_only=True)['average']
    entries = load('tokenizer.pt')
    old = Tokenizer(dataclasses.replace(stage1.config, codebook=len(entries['quantizer.codebook']))).to(device).eval()
    old.load_state_dict(entries)
    was = start_from(MaskGit(dataclasses.replace(model.config, codebook=old.config.codebook)).to(device), source)
    counts = meanings(old, stage1, images, device).to(device) + 1e-6
    of_new, of_old = counts / counts.sum(1, keepdim=True), counts / counts.sum(0)             # what j was; which share of k is j now
    with torch.no_grad():
        fresh_rows = model.Embed_0.word_embeddings.weight[:model.config.codebook].clone()
        words, bias = was.Embed_0.word_embeddings.weight, was.MlmLayer_0.mlm_bias.bias
        k, j = old.config.codebook, model.config.codebook
        state = was.state_dict() | {
            'Embed_0.word_embeddings.weight': torch.cat([of_new @ words[:k] + .3 * fresh_rows, words[k:]]),
            'MlmLayer_0.mlm_bias.bias': torch.cat([torch.log(of_old @ bias[:k].exp()), bias[k:]])}
    assert len(state['MlmLayer_0.mlm_bias.bias']) == j + len(words) - k
    model.load_state_dict(state)
    return model


def finer(model, coarse):
    """Fill `model` from a tokenizer of half the picture and one level less; the level on top begins as a plain halving and doubling.

    Encoder: the old network after one more halving. Decoder: the old one up to its last block, doubled once more, then its last convolution."""
    new, old = model.config, coarse.config
    assert new.size == 2 * old.size and new.multipliers == old.multipliers[:1] + old.multipliers and new.embedding == old.embedding, \
        f'{new} is not {old} with one level more on top'
    state, blocks, levels = coarse.state_dict(), new.res_blocks, len(old.multipliers)

    def renamed(name):
        side, part, *rest = name.split('.')
        kind, _, number = part.rpartition('_')
        shift = {('encoder', 'ResBlock'): blocks, ('decoder', 'Conv'): int(number == str(levels))}.get((side, kind), 0)
        return '.'.join([side, f'{kind}_{int(number) + shift}' if shift else part, *rest])

    model.load_state_dict(model.state_dict() | {renamed(name): value for name, value in state.items()})
    doubling = getattr(model.decoder, f'Conv_{levels}')
    with torch.no_grad():
        torch.nn.init.dirac_(doubling.weight)
        doubling.bias.zero_()
        for k in range(blocks):                             # a block whose last convolution is zero passes on what it gets
            getattr(model.encoder, f'ResBlock_{k}').Conv_1.weight.zero_()
            getattr(model.decoder, f'ResBlock_{model.decoder.count - 1 - k}').Conv_1.weight.zero_()
    return model
