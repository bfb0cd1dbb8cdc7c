"""The adversarial part of stage 1: a small PatchGAN with the hinge loss and taming-transformers' adaptive weight."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def patch_gan(width=48):
    """Judges overlapping patches: pictures (B, 3, S, S) -> scores (B, 1, S/4, S/4)."""
    layers, cin = [], 3
    for cout, stride in ((width, 2), (2 * width, 2), (4 * width, 1)):
        layers += [nn.Conv2d(cin, cout, 4 if stride == 2 else 3, stride, 1), nn.GroupNorm(8, cout) if cin > 3 else nn.Identity(), nn.LeakyReLU(.2)]
        cin = cout
    return nn.Sequential(*layers, nn.Conv2d(cin, 1, 3, padding=1))


class Adversary:
    def __init__(self, c, team):
        self.net, self.weight, self.team = patch_gan().to(team.device), c.adversarial, team
        self.spread = team.spread(self.net, compiled=False)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=c.rate / 2, betas=(.5, .9))

    def state(self):
        return {'net': self.net.state_dict(), 'optimizer': self.optimizer.state_dict()}

    def load(self, state):
        self.net.load_state_dict(state['net'])
        self.optimizer.load_state_dict(state['optimizer'])

    def loss(self, real, fake, other, decoder):
        """Train the net once on real and fake, then -> the generator's weighted loss.

        The weight balances its gradient at the decoder's last kernel, over all GPUs, with that of the `other` losses."""
        score_real, score_fake = self.spread(torch.cat([real, fake.detach()])).chunk(2)
        own = F.relu(1 - score_real).mean() + F.relu(1 + score_fake).mean()
        self.optimizer.zero_grad(set_to_none=True)
        own.backward()
        self.optimizer.step()
        self.net.requires_grad_(False)
        adversarial = -self.net(fake).mean()
        self.net.requires_grad_(True)
        kernel = getattr(decoder, decoder.last).weight
        a, b = (self.team.sum(torch.autograd.grad(value, kernel, retain_graph=True)[0]).norm() for value in (other, adversarial))
        return self.weight * (a / (b + 1e-4 * self.team.size)).clamp(max=1e4).detach() * adversarial
