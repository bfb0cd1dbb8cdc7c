"""The judge of generated pictures: a small network trained on the data's own labels, on whole pictures and on boxes."""
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

import run

SIDE = 32  # what the classifier sees


class Classifier(nn.Module):
    """A picture or a crop of one (B, 3, 32, 32) -> class logits; `features` are what FD compares."""

    def __init__(self, classes, width=32):
        super().__init__()
        layers, cin = [], 3
        for cout, stride in ((width, 2), (2 * width, 2), (2 * width, 1), (4 * width, 2)):
            layers += [nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU()]
            cin = cout
        self.body, self.head = nn.Sequential(*layers), nn.Linear(cin * 16, classes)

    def features(self, x):                                  # (B, 128)
        return self.body(shrink(x)).mean((2, 3))

    def forward(self, x):
        return self.head(self.body(shrink(x)).flatten(1))


def shrink(x):                                              # (B, 3, S, S) -> (B, 3, 32, 32)
    return x if x.shape[-1] == SIDE else F.interpolate(x, SIDE, mode='bilinear', antialias=True, align_corners=False)


def crop(images, box):
    """images (B, 3, S, S), box (B, 4) pixels x0, y0, x1, y1 -> the boxes alone, resized to (B, 3, 32, 32)."""
    s = images.shape[-1]
    x0, y0, x1, y1 = (box.float() / s * 2 - 1).unbind(1)
    t = (torch.arange(SIDE, device=images.device) + .5) / SIDE
    xs, ys = x0[:, None] + (x1 - x0)[:, None] * t, y0[:, None] + (y1 - y0)[:, None] * t       # (B, 32)
    grid = torch.stack([xs[:, None].expand(-1, SIDE, -1), ys[:, :, None].expand(-1, -1, SIDE)], -1)
    return F.grid_sample(images, grid, padding_mode='border', align_corners=False)


def crops(images, labels, objects, count):
    """Random training crops: half whole pictures (label), half one object with some margin; -> (count, 3, 32, 32), classes."""
    pick = torch.randint(len(images), (count,))
    x, label, around = run.pictures(images[pick]), labels[pick].clone(), objects[pick]
    seen = around[:, :, 5] >= 60
    boxed = seen.any(1) & ((torch.rand(count) < .5) | (label < 0))
    target = around[torch.arange(count), (torch.rand(seen.shape) * seen).argmax(1)]
    s = x.shape[-1]
    margin = torch.rand(count, 4) * .2 * s * torch.tensor([-1, -1, 1, 1])
    box = torch.where(boxed[:, None], (target[:, 1:5].float() + margin).clamp(0, s), torch.tensor([0., 0, s, s]))
    label = torch.where(boxed, target[:, 0].long(), label)
    x = crop(x, box)
    return torch.where(torch.rand(count, 1, 1, 1) < .5, x.flip(3), x), label


def classifier(preset, steps=1200, batch=64):
    """-> the run's classifier, trained the first time (runs/<name>/classifier.pt)."""
    file = run.folder(preset, 'stage1') / 'classifier.pt'
    net = Classifier(preset.transformer.classes)
    if file.exists():
        net.load_state_dict(torch.load(file, weights_only=True))
        return net.eval()
    torch.manual_seed(0)
    data, began = run.scenes(preset), time.time()
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=1e-2)
    for step in range(steps):
        x, y = crops(*data, batch)
        x = (x * (.85 + .3 * torch.rand(batch, 1, 1, 1)) + .03 * torch.rand(batch, 1, 1, 1) * torch.randn_like(x)).clamp(0, 1)
        for group in optimizer.param_groups:
            group['lr'] = run.learning_rate(step, step / steps, 2e-3, 100)
        loss = F.cross_entropy(net(x), y, label_smoothing=.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            print(f'classifier {step} loss {loss.item():.3f}, {time.time() - began:.0f} s', flush=True)
    run.save(file, **net.state_dict())
    return net.eval()
