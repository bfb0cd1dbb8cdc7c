"""The MaskGIT tokenizer (VQGAN without attention), layer for layer the official one (maskgit/nets/vqgan_tokenizer.py).

Modules carry the official Flax names, so that `encoder.ResBlock_0.Conv_1` here is `encoder/ResBlock_0/Conv_1` in a weight file.
Inside, pictures are NCHW float in [0, 1]; outside (files, TypeScript) they are NHWC.
"""
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass(frozen=True)
class TokenizerConfig:
    size: int = 32                    # pixels a side
    filters: int = 32
    multipliers: tuple = (1, 2, 4)    # channels of a level = filters * multiplier; each level but the last halves the picture
    res_blocks: int = 1
    groups: int = 8                   # of every GroupNorm; at least 4 channels a group, or the norm erases colour
    group_eps: float = 1e-6
    embedding: int = 32               # width of a codebook entry
    codebook: int = 512               # entries

    @property
    def grid(self):
        return self.size >> (len(self.multipliers) - 1)


def conv3(cin, cout, bias=True):
    return nn.Conv2d(cin, cout, 3, padding=1, bias=bias)


class ResBlock(nn.Module):
    def __init__(self, cin, cout, c):
        super().__init__()
        self.GroupNorm_0 = nn.GroupNorm(c.groups, cin, c.group_eps)
        self.Conv_0 = conv3(cin, cout, bias=False)
        self.GroupNorm_1 = nn.GroupNorm(c.groups, cout, c.group_eps)
        self.Conv_1 = conv3(cout, cout, bias=False)
        # Official quirk: where the width changes, the shortcut carries h instead of x (kernel cout -> cout), and x is dropped.
        self.Conv_2 = nn.Conv2d(cout, cout, 1, bias=False) if cin != cout else None

    def forward(self, x):                                   # (B, cin, H, W)
        h = self.Conv_0(F.silu(self.GroupNorm_0(x)))
        h = self.Conv_1(F.silu(self.GroupNorm_1(h)))
        return x + h if self.Conv_2 is None else h + self.Conv_2(h)  # (B, cout, H, W)


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.Conv_0 = conv3(3, c.filters, bias=False)
        width, self.stages = c.filters, []
        for level, multiplier in enumerate(c.multipliers):
            for _ in range(c.res_blocks):
                width = self.add(ResBlock(width, c.filters * multiplier, c), c.filters * multiplier)
            if level + 1 < len(c.multipliers):
                self.stages.append('halve')
        for _ in range(c.res_blocks):
            self.add(ResBlock(width, width, c), width)
        self.GroupNorm_0 = nn.GroupNorm(c.groups, width, c.group_eps)
        self.Conv_1 = nn.Conv2d(width, c.embedding, 1)

    def add(self, block, width):
        name = f'ResBlock_{sum(s != "halve" for s in self.stages)}'
        self.add_module(name, block)
        self.stages.append(name)
        return width

    def forward(self, x):                                   # (B, 3, S, S)
        h = self.Conv_0(x)
        for stage in self.stages:
            h = F.avg_pool2d(h, 2) if stage == 'halve' else getattr(self, stage)(h)
        return self.Conv_1(F.silu(self.GroupNorm_0(h)))     # (B, E, G, G)


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, self.stages, self.count = c.filters * c.multipliers[-1], [], 0
        self.Conv_0 = conv3(c.embedding, width)
        for _ in range(c.res_blocks):
            width = self.add(ResBlock(width, width, c), width)
        for level in reversed(range(len(c.multipliers))):
            for _ in range(c.res_blocks):
                width = self.add(ResBlock(width, c.filters * c.multipliers[level], c), c.filters * c.multipliers[level])
            if level > 0:
                name = f'Conv_{len(c.multipliers) - level}'
                self.add_module(name, conv3(width, width))
                self.stages.append(name)
        self.GroupNorm_0 = nn.GroupNorm(c.groups, width, c.group_eps)
        self.last = f'Conv_{len(c.multipliers)}'
        self.add_module(self.last, conv3(width, 3))

    def add(self, block, width):
        name = f'ResBlock_{self.count}'
        self.count += 1
        self.add_module(name, block)
        self.stages.append(name)
        return width

    def forward(self, z):                                   # (B, E, G, G)
        h = self.Conv_0(z)
        for stage in self.stages:
            if stage.startswith('Conv'):
                h = F.interpolate(h, scale_factor=2, mode='nearest')
            h = getattr(self, stage)(h)
        return getattr(self, self.last)(F.silu(self.GroupNorm_0(h)))  # (B, 3, S, S), not clipped


class Quantizer(nn.Module):
    """Codebook learned by moving averages (VQ-VAE, appendix A.1); entries that nothing chooses restart on a live vector."""

    def __init__(self, c):
        super().__init__()
        self.register_buffer('codebook', torch.randn(c.codebook, c.embedding))
        self.register_buffer('counts', torch.ones(c.codebook))
        self.register_buffer('sums', self.codebook.clone())

    def ids(self, z):                                       # z (B, E, G, G) -> (B, G, G), first index on ties
        flat = z.float().permute(0, 2, 3, 1).reshape(-1, z.shape[1])                           # (N, E)
        with torch.autocast(z.device.type, enabled=False):  # a nearest entry by bf16 products would often be another one
            distance = self.codebook.square().sum(1) - 2 * flat @ self.codebook.T              # |z|² is the same for every entry
        return distance.argmin(1).view(z.shape[0], *z.shape[2:])

    def look_up(self, ids):                                 # (B, G, G) -> (B, E, G, G)
        return self.codebook[ids].permute(0, 3, 1, 2)

    @torch.no_grad()
    def update(self, z, ids, team, generator=None, decay=.99):
        flat, ids = z.float().permute(0, 2, 3, 1).reshape(-1, z.shape[1]), ids.flatten()
        count = team.sum(torch.bincount(ids, minlength=len(self.counts)).float())             # (K,) over all GPUs
        self.counts.mul_(decay).add_(count, alpha=1 - decay)
        self.sums.mul_(decay).add_(team.sum(torch.zeros_like(self.sums).index_add_(0, ids, flat)), alpha=1 - decay)
        dead = self.counts < .02 * self.counts.mean()
        if dead.any():
            flat = team.gather(flat)
            fresh = flat[torch.randint(len(flat), (int(dead.sum()),), generator=generator, device=flat.device)]
            self.counts[dead] = self.counts.mean()
            self.sums[dead] = fresh * self.counts.mean()
        self.codebook.copy_(self.sums / self.counts[:, None])

    @torch.no_grad()
    def go_on(self):
        """Moving averages of a codebook that came without them (weights.py)."""
        self.sums.copy_(self.codebook * self.counts[:, None])

    @torch.no_grad()
    def start(self, flat, rounds=12):
        """k-means over flat (N, E), from distinct random rows."""
        centres = flat[torch.randperm(len(flat))[:len(self.counts)]].clone()
        for _ in range(rounds):
            near = (centres.square().sum(1) - 2 * flat @ centres.T).argmin(1)
            count = torch.bincount(near, minlength=len(centres)).float()
            total = torch.zeros_like(centres).index_add_(0, near, flat)
            centres = torch.where(count[:, None] > 0, total / count.clamp(min=1)[:, None], flat[torch.randint(len(flat), (len(centres),))])
        self.codebook.copy_(centres)
        self.counts.copy_(count.clamp(min=.1) / count.mean())
        self.sums.copy_(centres * self.counts[:, None])


class Tokenizer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.encoder, self.quantizer, self.decoder = Encoder(config), Quantizer(config), Decoder(config)

    def encode(self, x):                                    # (B, 3, S, S) -> ids (B, G, G)
        return self.quantizer.ids(self.encoder(x))

    def decode(self, ids):                                  # (B, G, G) -> (B, 3, S, S)
        return self.decoder(self.quantizer.look_up(ids))

    def forward(self, x, quantised, fixed_codes=False, given=None):
        """One training pass: x (B, 3, S, S) -> reconstruction (B, 3, S, S), latents, chosen entries (B, E, G, G), ids (B, G, G).

        Not `quantised`: the decoder sees the latents. `fixed_codes`: no gradient to the encoder.
        `given` (B, E, G, G): the decoder sees their entries; they come back in place of the chosen ones, for the encoder to learn."""
        if given is not None:
            ids = self.quantizer.ids(given)
            return self.decoder(self.quantizer.look_up(ids)), self.encoder(x), given, ids
        with torch.set_grad_enabled(torch.is_grad_enabled() and not fixed_codes):
            z = self.encoder(x)
        if not quantised:
            return self.decoder(z), z, z, None
        ids = self.quantizer.ids(z)
        chosen = self.quantizer.look_up(ids)
        return self.decoder(chosen if fixed_codes else z + (chosen - z).detach()), z, chosen, ids  # straight through
