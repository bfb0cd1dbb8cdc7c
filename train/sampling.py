"""MaskGIT decoding in PyTorch: the twin of src/core/sampler.ts (its counter-based noise apart, torch's generator serves here).

A grid is (B, P) int64 with MASK = -1 where unknown. One step draws every unknown token, then masks the least sure again.
"""
import math

import torch

MASK = -1
SCHEDULES = {  # fraction still masked at progress r, of `unknown` tokens at the start (paper section 3.3; libml/mask_schedule.py)
    'cosine': lambda r, unknown: math.cos(math.pi / 2 * r),
    'linear': lambda r, unknown: 1 - r,
    'square': lambda r, unknown: 1 - r ** 2,
    'cubic': lambda r, unknown: 1 - r ** 3,
    'sqrt': lambda r, unknown: 1 - math.sqrt(r),
    'exponential': lambda r, unknown: 1 - 2 ** (-math.log2(unknown) * (1 - r)),
    'logarithmic': lambda r, unknown: -math.log2(r) / math.log2(unknown),
    'arccos': lambda r, unknown: math.acos(r) / (math.pi / 2),
}


def mask_count(schedule, step, steps, unknown_at_start, unknown):
    """How many tokens are masked again after this step: max(1, min(unknown - 1, floor(fraction * unknown_at_start))).

    All the arithmetic is rounded to f32 as the official code does, where cos(pi/3) is 0.49999997."""
    r = (step + 1) / steps
    fraction = torch.tensor(SCHEDULES[schedule](r, max(2, unknown_at_start)), dtype=torch.float32)
    if schedule == 'cosine':
        fraction = torch.cos(torch.tensor(math.pi / 2, dtype=torch.float32) * torch.tensor(r, dtype=torch.float32))
    scheduled = int((unknown_at_start * fraction.clamp(1e-6, 1)).floor())
    return max(1, min(unknown - 1, scheduled))


def gumbel(shape, generator):
    u = torch.rand(shape, generator=generator).clamp(1e-20, 1 - 1e-7)
    return -torch.log(-torch.log(u))


def guided_logits(model, tokens, label, scale):
    """(1 + w) * conditional - w * unconditional; tokens (B, P) with MASK, label (B,) -> (B, P, K) f32."""
    ids = torch.where(tokens == MASK, model.config.mask, tokens)
    if scale == 0:
        return model(ids, label).float()
    both = model(torch.cat([ids, ids]), torch.cat([label, torch.full_like(label, model.config.null)])).float()
    conditional, free = both.chunk(2)
    return (1 + scale) * conditional - scale * free


@torch.no_grad()
def generate(model, label, tokens=None, steps=8, start_step=0, schedule='cosine', temperature=1., choice_temperature=4.5,
             guidance_scale=0., guidance_ramp='linear', generator=None, trace=None):
    """label (B,) -> finished grids (B, P). `tokens` (B, P) may give known ones; rows may differ in how many are unknown.

    Each step appends {'tokens', 'guess', 'log_prob'} to `trace` if one is given."""
    device = label.device
    tokens = torch.full((len(label), model.config.positions), MASK, device=device) if tokens is None else tokens.clone()
    unknown_at_start = (tokens == MASK).sum(1)                                                # (B,)
    for step in range(start_step, steps):
        unknown = tokens == MASK                                                              # (B, P)
        ramp = step / max(1, steps - 1) if guidance_ramp == 'linear' else 1
        logits = guided_logits(model, tokens, label, guidance_scale * ramp)                   # (B, P, K)
        noise = gumbel(logits.shape, generator).to(device)
        drawn = (logits / max(temperature, 1e-6) + (noise if temperature > 0 else 0)).argmax(-1)
        guess = torch.where(unknown, drawn, tokens)
        log_prob = logits.log_softmax(-1).gather(-1, guess[..., None])[..., 0]                # at temperature 1, as the official code
        sure = log_prob + choice_temperature * (1 - (step + 1) / steps) * gumbel(log_prob.shape, generator).to(device)
        sure = sure.masked_fill(~unknown, math.inf)
        if step + 1 == steps:
            tokens = guess
        else:
            counts = [mask_count(schedule, step, steps, int(a), int(b)) if b > 1 else int(b) for a, b in zip(unknown_at_start, unknown.sum(1))]
            rank = sure.argsort(1).argsort(1)                                                 # 0 = least sure
            again = unknown & (rank < torch.tensor(counts, device=device)[:, None])
            tokens = torch.where(again, MASK, guess)
        if trace is not None:
            trace.append({'tokens': tokens, 'guess': guess, 'log_prob': log_prob})
    return tokens
