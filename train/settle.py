"""One code for one thing: what stage 1 calls the same patch of the same sprite depends a little on what stands around it, and stage 2 has to learn every name.

Where sprites are drawn as they are (whole.py), the tokens that lie wholly on a thing can be *settled*: each becomes the code that most training scenes have at that
place of that thing at that size. Decoded, the two can hardly be told apart; to learn, one is far simpler.

Everywhere else, and in every other world, a transformer that is there already can tell which of several near codes is the *likelier* one."""
from collections import defaultdict

import torch
import torch.nn.functional as F

import run
from whole import Templates

ENOUGH = 3  # scenes that must show a place before it is settled


class Settler:
    def __init__(self, preset):
        assert not preset.flips, f'{preset.name} trains on mirrored pictures too: there is no one code for a patch'
        c, o = preset.transformer, preset.world
        self.rows, self.cols, self.f, self.step, self.scale = c.rows, c.cols, o.size // c.cols, o.sizes or o.lattice, o.render // o.size
        self.templates, self.solid, self.codes = Templates(o), {}, {}

    def covered(self, label, side):
        """-> (h, w) bool: the tokens of a sprite of `side` pixels that it covers to the last pixel."""
        if (label, side) not in self.solid:
            _, solid = self.templates.template(self.templates.open(label, side * self.scale), self.scale)
            h, w = solid.shape
            cells = F.pad(solid, (0, -w % self.f, 0, -h % self.f)).unfold(0, self.f, self.f).unfold(1, self.f, self.f)
            self.solid[label, side] = cells.amin((2, 3)) > 0
        return self.solid[label, side]

    def things(self, objects):
        """objects (N, 5, 6) in the order in which they were painted -> (scene, class, side, rows, columns, (h, w) bool: what of it nothing hides) of each thing."""
        for scene, rows in enumerate(objects.tolist()):
            for k, (label, x0, y0, x1, y1, _) in enumerate(rows):
                side = round(max(x1 - x0, y1 - y0) / self.step) * self.step
                if label < 0 or not side or abs(max(x1 - x0, y1 - y0) - side) > 2:            # cut off by the picture's edge
                    continue
                top, left = y0 // self.f, x0 // self.f
                seen = self.covered(label, side)[:self.rows - top, :self.cols - left].clone()
                for _, x0_, y0_, x1_, y1_, _ in (front for front in rows[k + 1:] if front[0] >= 0):
                    seen[max(0, y0_ // self.f - top):max(0, (y1_ - 1) // self.f + 1 - top), max(0, x0_ // self.f - left):max(0, (x1_ - 1) // self.f + 1 - left)] = False
                yield scene, label, side, slice(top, top + seen.shape[0]), slice(left, left + seen.shape[1]), seen

    def learn(self, tokens, objects):
        """tokens (N, P), objects (N, 5, 6): what is most often where."""
        grids, seen = tokens.view(-1, self.rows, self.cols), defaultdict(list)
        for scene, label, side, rows, cols, there in self.things(objects):
            here = torch.full(self.covered(label, side).shape, -1, dtype=tokens.dtype)
            here[:there.shape[0], :there.shape[1]] = grids[scene, rows, cols].masked_fill(~there, -1)
            seen[label, side].append(here)
        for key, shown in seen.items():
            shown = torch.stack(shown)                      # (scenes, h, w), -1 where hidden
            count, codes = (shown >= 0).sum(0), torch.full_like(shown[0], -1)
            for row, col in (count >= ENOUGH).nonzero().tolist():
                here = shown[:, row, col]
                codes[row, col] = here[here >= 0].mode().values
            self.codes[key] = codes
        return self

    def settle(self, tokens, objects):
        """-> tokens (N, P) with those of things settled."""
        settled = tokens.clone()
        grids = settled.view(-1, self.rows, self.cols)
        for scene, label, side, rows, cols, there in self.things(objects):
            if (label, side) in self.codes:
                codes = self.codes[label, side][:there.shape[0], :there.shape[1]]
                grids[scene, rows, cols] = torch.where(there & (codes >= 0), codes, grids[scene, rows, cols])
        return settled


@torch.no_grad()
def likelier(net, stage1, images, tokens, labels, strength, team, open_to=None, groups=2, some=64):
    """Entropy-constrained quantisation (Chou, Lookabaugh and Gray 1989), the entropy that of `net`, a trained transformer: each token becomes the code k that is
    least in |z - e_k|² / mean |z - e|² - strength * log p(k | half of the other tokens), where z is what the encoder says.

    images uint8 (N, S, S, 3), tokens (N, P), labels (N,) -> tokens (N, P). Of tokens that were settled before, z is their entry.
    `open_to` (N, P) bool: the tokens that may change; the others are shown whole. By default all may."""
    c, codebook, device, n = net.config, stage1.quantizer.codebook, team.device, len(tokens)

    def encode(which):                                      # -> what the encoder says of these scenes (B, P, E) and the nearest codes (B, P)
        with team.autocast:
            z = stage1.encoder(run.pictures(images[which].to(device)))
        return z.float().permute(0, 2, 3, 1).flatten(1, 2), stage1.quantizer.ids(z).flatten(1)
    z, found = encode(torch.arange(min(n, some)))
    unit = (z - codebook[found]).square().sum(2).mean()     # the first scenes tell
    groups_of = torch.rand(tokens.shape, generator=torch.Generator().manual_seed(0)).argsort(1) % groups
    open_to = torch.ones_like(tokens, dtype=torch.bool) if open_to is None else open_to
    mine, out = -(-n // team.size), []
    for which in torch.arange(team.rank * mine, (team.rank + 1) * mine).clamp(max=n - 1).split(some):
        here, label, group = tokens[which].to(device).long(), labels[which].to(device), groups_of[which].to(device)
        may = open_to[which].to(device)
        z, found = encode(which)
        z = torch.where((here != found)[..., None], codebook[here], z)
        for k in range(groups):
            guessed = (group == k) & may
            with team.autocast:
                logits = net(here.masked_fill(guessed, c.mask), label, guessed).float()        # (M, K)
            distance = codebook.square().sum(1) - 2 * z[guessed] @ codebook.T                 # |z|² and the softmax's sum are the same for every code
            here[guessed] = (distance / unit - strength * logits).argmin(1)
        out.append(here.int())
    return team.gather(torch.cat(out))[:n].to(tokens.dtype)
