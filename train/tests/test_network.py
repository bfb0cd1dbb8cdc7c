"""The networks compute what the official JAX code computed (golden/official-a), from the official checkpoint files."""
import json
import math
from pathlib import Path

import msgpack
import numpy as np
import pytest
import torch

from maskgit import MaskGit, TransformerConfig
from sampling import MASK, generate, guided_logits, mask_count
from tokenizer import Tokenizer, TokenizerConfig
from weights import from_official, read_safetensors

GOLDEN = Path(__file__).resolve().parent.parent.parent / 'golden'
OFFICIAL = GOLDEN / 'official-a'


def checkpoint(name):
    """A flax msgpack file -> {official name: array}."""
    def array(code, data):
        shape, kind, raw = msgpack.unpackb(data)
        return np.frombuffer(raw, kind).reshape(shape)

    def walk(tree, path=()):
        for key, value in tree.items():
            yield from walk(value, (*path, key)) if isinstance(value, dict) else [('/'.join((*path, key)), value)]
    tree = msgpack.unpackb((OFFICIAL / 'checkpoints' / name).read_bytes(), ext_hook=array)
    return dict(walk(tree['params']))


@pytest.fixture(scope='module')
def config():
    return json.loads((OFFICIAL / 'config.json').read_text())


def near(ours, theirs, tolerance, name):
    difference = np.abs(np.asarray(ours) - theirs)
    at = np.unravel_index(difference.argmax(), difference.shape)
    assert difference.max() <= tolerance, f'{name}{list(at)}: {np.asarray(ours)[at]}, golden {theirs[at]}, {difference.max() / tolerance:.1f} tolerances'


def test_the_tokenizer_is_the_official_one(config):
    model = Tokenizer(TokenizerConfig(size=config['image_size'], filters=config['filters'], multipliers=tuple(config['channel_multipliers']),
                                      res_blocks=config['num_res_blocks'], groups=config['group_norm_groups'],
                                      embedding=config['embedding_dim'], codebook=config['codebook_size']))
    from_official(model, checkpoint('tokenizer_imagenet96_checkpoint')).eval()
    golden = read_safetensors(OFFICIAL / 'tokenizer.safetensors')
    with torch.no_grad():
        image = torch.from_numpy(golden['image'].copy()).permute(0, 3, 1, 2)
        near(model.encoder(image).permute(0, 2, 3, 1), golden['z'], 1e-4, 'z')
        assert (model.encode(image).numpy() == golden['ids']).all()
        near(model.decode(torch.from_numpy(golden['random_ids'].copy()).long()).permute(0, 2, 3, 1), golden['decoded_random'], 1e-4, 'decoded_random')


def test_the_transformer_is_the_official_one(config):
    model = MaskGit(TransformerConfig(rows=6, cols=6, codebook=config['codebook_size'], classes=config['num_class'], width=config['num_embeds'],
                                      layers=config['num_layers'], heads=config['num_heads'], mlp=config['intermediate_size'], null_class=False))
    from_official(model, checkpoint('maskgit_imagenet96_checkpoint')).eval()
    golden = read_safetensors(OFFICIAL / 'transformer.safetensors')
    ids = torch.from_numpy(golden['input_ids'].copy()).long()
    ids = torch.where(ids == -1, model.config.mask, ids)
    with torch.no_grad():
        h = model.hidden(ids)
        near(h, golden['TransformerLayer_1'], 2e-4, 'TransformerLayer_1')
        near(model.logits(h), golden['logits'][..., :config['codebook_size']], 2e-4, 'logits')


def test_mask_counts_are_the_official_ones():
    for row, counts in json.loads((GOLDEN / 'schedules' / 'cosineMaskCounts.json').read_text())['tables'].items():
        unknown_at_start, steps, start = (int(part.lstrip('UTstar')) for part in row.split('_'))
        unknown = unknown_at_start
        for step, count in zip(range(start, steps), counts):
            assert mask_count('cosine', step, steps, unknown_at_start, unknown) == count, f'{row} step {step}'
            unknown = count


def test_corrector_steps_take_the_likeliest_codes_of_a_half_and_leave_the_rest():
    torch.manual_seed(0)
    model = MaskGit(TransformerConfig(rows=4, cols=4, codebook=16, classes=3, width=16, layers=1, heads=2, mlp=32))
    known, label = torch.full((2, 16), MASK), torch.tensor([0, 1])
    known[1, :6] = 5
    trace, settings = [], dict(steps=3, guidance_scale=2., guidance_ramp='constant')
    done = generate(model, label, known, corrections=6, generator=torch.Generator().manual_seed(1), trace=trace, **settings)
    plain = generate(model, label, known, generator=torch.Generator().manual_seed(1), **settings)
    assert len(trace) == 9 and torch.equal(trace[2]['tokens'], plain) and (done[1, :6] == 5).all()
    before = plain
    for step, after in enumerate(trace[3:]):
        size = 1 if step % 4 < 2 else 2
        half = torch.tensor([(p // 4 // size + p % 4 // size) % 2 == step % 2 for p in range(16)]) & (known == MASK)
        best = guided_logits(model, before.masked_fill(half, MASK), label, 1.).argmax(-1)      # guidance 1 at most
        before = torch.where(half, best, before)
        assert torch.equal(after['tokens'], before), f'corrector step {step}'
    assert torch.equal(done, before)


def test_a_decode_keeps_what_is_known_and_leaves_nothing_masked():
    torch.manual_seed(0)
    model = MaskGit(TransformerConfig(rows=4, cols=4, codebook=16, classes=3, width=16, layers=1, heads=2, mlp=32))
    start = torch.full((3, 16), MASK)
    start[1, :9] = 5
    start[2, :] = 7
    trace = []
    done = generate(model, torch.tensor([0, 1, 2]), start, steps=5, guidance_scale=1., generator=torch.Generator().manual_seed(1), trace=trace)
    assert (done != MASK).all() and (done[1, :9] == 5).all() and (done[2] == 7).all()
    left = [int((s['tokens'][0] == MASK).sum()) for s in trace]
    assert left == sorted(left, reverse=True) and len(set(left)) == len(left), f'tokens left masked: {left}'
    assert all(math.isfinite(v) for s in trace for v in s['log_prob'].flatten().tolist())
