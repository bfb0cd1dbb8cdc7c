"""MaskGIT decoding in PyTorch: the twin of src/core/sampler.ts (its counter-based noise apart, torch's generator serves here).

A grid is (B, P) int64 with MASK = -1 where unknown. One step draws every unknown token, then masks the least sure again.
Corrector steps may follow: they mask half of what was painted at a time and take the likeliest code there (src/core/corrections.ts).
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
    u = torch.rand(shape, generator=generator, device=generator.device if generator else None).clamp(1e-20, 1 - 1e-7)
    return -torch.log(-torch.log(u))


def halton_ranks(rows, cols):
    """Place of each position (P,) in the order in which the 2-D Halton sequence (base 2 down, 3 across) first meets it (src/core/halton.ts)."""
    def inverse(index, base, size):
        numerator, denominator = 0, 1
        while index:
            numerator, denominator, index = numerator * base + index % base, denominator * base, index // base
        return numerator * size // denominator
    found, index = {}, 1
    while len(found) < rows * cols:
        found.setdefault(inverse(index, 2, rows) * cols + inverse(index, 3, cols), len(found))
        index += 1
    return torch.tensor([found[p] for p in range(rows * cols)])


def guided_logits(model, tokens, label, scale, row=None):
    """(1 + w) * conditional - w * unconditional; tokens (B, P) with MASK -> (B, P, K) f32.

    label (B,), or several a picture (B, C) of which position p is painted as number row[b, p]: a pass a class, as src/core/guidance.ts."""
    ids = torch.where(tokens == MASK, model.config.mask, tokens)
    label = label[:, None] if label.ndim == 1 else label
    label = label if scale == 0 else torch.cat([label, torch.full_like(label[:, :1], model.config.null)], 1)
    batch, classes = label.shape
    every = model(ids.repeat_interleave(classes, 0), label.flatten()).float().unflatten(0, (batch, classes))  # (B, C (+ 1), P, K)
    wanted = every[:, 0] if row is None else every.gather(1, row[:, None, :, None].expand(-1, 1, -1, every.shape[-1]))[:, 0]
    return wanted if scale == 0 else (1 + scale) * wanted - scale * every[:, -1]


def halves(rows, cols):
    """Where each corrector step may mask, (4, P) bool, the fifth as the first: cells of a chequerboard, the others, then squares of 2 x 2 cells likewise."""
    row, col = torch.arange(rows)[:, None], torch.arange(cols)
    return torch.stack([((row // size + col // size) % 2 == which).flatten() for size in (1, 2) for which in (0, 1)])


def correct(model, label, tokens, painted, corrections, guidance_scale=0., row=None, trace=None):
    """Finished grids (B, P), after corrector steps: each masks half of what was painted, (B, P) bool, and takes the likeliest code there. Under more guidance than 1 that is a caricature."""
    where = halves(model.config.rows, model.config.cols).to(tokens.device)
    for step in range(corrections):
        again = painted & where[step % len(where)]
        logits = guided_logits(model, tokens.masked_fill(again, MASK), label, min(guidance_scale, 1), row)  # (B, P, K)
        best = logits.argmax(-1)
        tokens = torch.where(again, best, tokens)
        if trace is not None:
            log_prob = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0].masked_fill(~again, 0)
            trace.append({'tokens': tokens, 'guess': tokens, 'log_prob': log_prob})
    return tokens


@torch.no_grad()
def generate(model, label, tokens=None, steps=8, start_step=0, schedule='cosine', temperature=1., choice_temperature=4.5,
             guidance_scale=0., guidance_ramp='linear', order='confidence', corrections=0, row=None, generator=None, trace=None):
    """label (B,), or (B, C) with `row` (guided_logits) -> finished grids (B, P). `tokens` (B, P) may give known ones; rows may differ
    in how many are unknown. Each step appends {'tokens', 'guess', 'log_prob'} to `trace` if one is given."""
    device, c = label.device, model.config
    tokens = torch.full((len(label), c.positions), MASK, device=device) if tokens is None else tokens.clone()
    painted = tokens == MASK                                                                  # (B, P)
    unknown_at_start = painted.sum(1)                                                         # (B,)
    for step in range(start_step, steps):
        unknown = tokens == MASK                                                              # (B, P)
        ramp = step / (steps - 1) if guidance_ramp == 'linear' and steps > 1 else 1
        logits = guided_logits(model, tokens, label, guidance_scale * ramp, row)              # (B, P, K)
        noise = gumbel(logits.shape, generator).to(device)
        drawn = (logits / max(temperature, 1e-6) + (noise if temperature > 0 else 0)).argmax(-1)
        guess = torch.where(unknown, drawn, tokens)
        log_prob = logits.log_softmax(-1).gather(-1, guess[..., None])[..., 0]                # at temperature 1, as the official code
        sure = log_prob + choice_temperature * (1 - (step + 1) / steps) * gumbel(log_prob.shape, generator).to(device)
        if order == 'halton':
            sure = -halton_ranks(c.rows, c.cols).to(device, sure.dtype).expand_as(sure)
        if order == 'raster':
            sure = -torch.arange(c.positions, device=device, dtype=sure.dtype).expand_as(sure)
        sure = sure.masked_fill(~unknown, math.inf)
        if step + 1 == steps:
            tokens = guess
        else:
            counts = [mask_count(schedule, step, steps, int(a), int(b)) if b > 1 else int(b) for a, b in zip(unknown_at_start, unknown.sum(1))]
            rank = sure.argsort(dim=1, stable=True).argsort(1)                                # 0 = least sure
            again = unknown & (rank < torch.tensor(counts, device=device)[:, None])
            tokens = torch.where(again, MASK, guess)
        if trace is not None:
            trace.append({'tokens': tokens, 'guess': guess, 'log_prob': log_prob})
    return correct(model, label, tokens, painted, corrections, guidance_scale, row, trace)


@torch.no_grad()
def generate_raster(model, label, tokens=None, temperature=1., guidance_scale=0., generator=None, cached=True, trace=None):
    """The causal baseline: one token a pass, in raster order; label (B,) -> grids (B, P). `tokens` may give known ones: they are kept.

    `cached`: each pass sees one place and remembers keys and values; else all places anew (the same numbers, slower).
    Each pass appends its logits (B, K) to `trace` if one is given."""
    c, device = model.config, label.device
    known = torch.full((len(label), c.positions), MASK, device=device) if tokens is None else tokens
    labels = torch.cat([label, torch.full_like(label, c.null)]) if guidance_scale else label
    ids = c.codebook + labels[:, None]                                                        # (B or 2 B, 1): the class comes first
    past = [[] for _ in range(c.layers)] if cached else None
    for p in range(c.positions):
        logits = model.logits(model.hidden(ids[:, -1:] if cached else ids, past)[:, -1]).float()
        if guidance_scale:
            conditional, free = logits.chunk(2)
            logits = (1 + guidance_scale) * conditional - guidance_scale * free
        noise = gumbel(logits.shape, generator).to(device) if temperature > 0 else 0
        drawn = (logits / max(temperature, 1e-6) + noise).argmax(-1)
        drawn = torch.where(known[:, p] == MASK, drawn, known[:, p])
        ids = torch.cat([ids, drawn.repeat(len(labels) // len(label))[:, None]], 1)
        if trace is not None:
            trace.append(logits)
    return ids[:len(label), 1:]
