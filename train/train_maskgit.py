"""Stage 2: train the transformer on the tokens of stage 1. `python train_maskgit.py --preset mini`; run it again to resume.

Half of the samples mask the whole picture by a cosine ratio, with the picture's label; the other half are box samples
(docs/models.md): the tokens of one object's box are masked and the class is that object's, which teaches editing.
"""
import math
import time

import torch
import torch.nn.functional as F

import run
from maskgit import MaskGit
from sampling import MASK, generate
from tokenizer import Tokenizer


def tokenised(preset, device, part='train'):
    """-> tokens (1 or 2, N, P) int16 (plain; mirrored if the preset flips), labels (N,), objects (N, 5, 6); made once by stage 1's average."""
    images, labels, objects = run.scenes(preset, part)
    state = torch.load(run.folder(preset) / 'tokenizer.pt', map_location=device, weights_only=True)
    file = run.folder(preset) / f'tokens-{part}-{state["step"]}.pt'
    if not file.exists():
        model = Tokenizer(preset.tokenizer).to(device).eval()
        model.load_state_dict(state['average'])
        with torch.no_grad(), torch.autocast(device, torch.bfloat16):
            sides = [torch.cat([model.encode((x.flip(3) if mirrored else x).to(device)).flatten(1).to(torch.int16).cpu()
                                for x in map(run.pictures, images.split(64))]) for mirrored in (False, True)[:1 + preset.flips]]
        torch.save(torch.stack(sides), file)
    return torch.load(file, weights_only=True), labels, objects


def token_boxes(objects, mirrored, c, size):
    """Pixel boxes (B, 6) [class, x0, y0, x1, y1, visible] -> the first and last token row and column that each touches."""
    f = size // c.cols
    x0, y0, x1, y1 = objects[:, 1:5].long().clamp(0, size).unbind(1)
    x0, x1 = torch.where(mirrored, size - x1, x0), torch.where(mirrored, size - x0, x1)
    return x0 // f, y0 // f, (x1 - 1).clamp(min=0) // f, (y1 - 1).clamp(min=0) // f


def grid_box(c, left, top, right, bottom):
    """Inclusive token bounds, (B,) each -> (B, P) bool."""
    rows, cols = torch.arange(c.rows)[None, :, None], torch.arange(c.cols)[None, None]
    at = lambda v: v[:, None, None]
    return ((rows >= at(top)) & (rows <= at(bottom)) & (cols >= at(left)) & (cols <= at(right))).flatten(1)


def random_box(c, n, least=2):
    """Uniform boxes of at least `least` tokens a side -> inclusive left, top, right, bottom."""
    w, h = torch.randint(least, c.cols // 2 + 2, (n,)), torch.randint(least, c.rows // 2 + 2, (n,))
    left, top = (torch.rand(n) * (c.cols - w + 1)).long(), (torch.rand(n) * (c.rows - h + 1)).long()
    return left, top, left + w - 1, top + h - 1


def choose(scores, count):
    """Mask `count` (B,) positions of each row where scores (B, P) are highest; -inf is never chosen."""
    rank = scores.argsort(1, descending=True).argsort(1)
    return (rank < count[:, None]) & scores.isfinite()


def batch(tokens, labels, objects, preset):
    """-> true tokens (B, P), masked (B, P) bool, class (B,)."""
    c, t = preset.transformer, preset.transformer_run
    pick, mirrored = torch.randint(tokens.shape[1], (t.batch,)), (torch.rand(t.batch) < .5) & preset.flips
    truth, label, around = tokens[mirrored.long(), pick].long(), labels[pick].clone(), objects[pick]
    ratio = torch.cos(torch.rand(t.batch) * math.pi / 2)                                      # (B,)
    allowed = torch.ones_like(truth, dtype=torch.bool)

    seen = around[:, :, 5] >= 50                                                              # (B, 5) at least half visible
    boxed = (torch.rand(t.batch) < t.box_share) & seen.any(1)
    which = (torch.rand(seen.shape) * seen).argmax(1)
    target = around[torch.arange(t.batch), which]                                             # (B, 6)
    left, top, right, bottom = token_boxes(target, mirrored, c, preset.tokenizer.size)
    grow = torch.where(torch.rand(t.batch, 4) < .08, torch.randint(0, c.cols, (t.batch, 4)), torch.randint(0, 3, (t.batch, 4)))
    box = grid_box(c, left - grow[:, 0], top - grow[:, 1], right + grow[:, 2], bottom + grow[:, 3])
    allowed = torch.where(boxed[:, None], box, allowed)
    label = torch.where(boxed, target[:, 0].long(), label)

    free = grid_box(c, *random_box(c, t.batch))                                               # a box without any object is `empty`
    for k in range(around.shape[1]):
        there = grid_box(c, *token_boxes(around[:, k], mirrored, c, preset.tokenizer.size)) & (around[:, k, :1] >= 0)
        free &= ~(free & there).any(1, keepdim=True)
    nothing = ~boxed & free.any(1) & (torch.rand(t.batch) < .3)
    allowed = torch.where(nothing[:, None], free, allowed)
    label = torch.where(nothing, c.classes - 1, label)                                        # `empty` is the last class

    whole = (boxed | nothing) & (torch.rand(t.batch) < .6)                                    # whole box, else by ratio within it
    room = allowed.sum(1)
    count = torch.where(whole, room, (ratio * room).ceil().long().clamp(min=1))
    masked = choose(torch.rand(truth.shape).masked_fill(~allowed, -math.inf), count)
    label = torch.where(torch.rand(t.batch) < t.class_drop, c.null, label)
    return truth, masked, label


def main():
    preset, args = run.arguments(__doc__)
    c, path, device = preset.transformer_run, run.folder(preset), args.device
    torch.manual_seed(1)
    data = tokenised(preset, device)
    held = tokenised(preset, device, 'held-out')
    stage1 = Tokenizer(preset.tokenizer).to(device).eval()
    stage1.load_state_dict(torch.load(path / 'tokenizer.pt', map_location=device, weights_only=True)['average'])
    model = MaskGit(preset.transformer).to(device)
    with torch.no_grad():  # codes that look alike start alike: their rows are the codebook's entries, turned at random into the width
        entries = F.normalize(stage1.quantizer.codebook - stage1.quantizer.codebook.mean(0))
        turn = torch.nn.init.orthogonal_(torch.empty(preset.tokenizer.embedding, preset.transformer.width, device=device))
        model.Embed_0.word_embeddings.weight[:len(entries)] = entries @ turn * .02 * preset.transformer.width ** .5
    average = run.Average(model, c.ema)
    matrices, vectors = [p for p in model.parameters() if p.ndim > 1], [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW([{'params': matrices, 'weight_decay': c.decay}, {'params': vectors, 'weight_decay': 0}], betas=c.betas)
    log, file, step = run.Log(path, 'maskgit'), path / 'maskgit.pt', 0
    if file.exists():
        state = torch.load(file, map_location=device, weights_only=True)
        model.load_state_dict(state['model'])
        average.module.load_state_dict(state['average'])
        optimizer.load_state_dict(state['optimizer'])
        step = state['step']
        torch.manual_seed(step)
    saved, losses = time.time(), []

    def loss_of(net, part):
        truth, masked, label = (v.to(device) for v in batch(*part, preset))
        ids = torch.cat([preset.transformer.codebook + label[:, None], torch.where(masked, preset.transformer.mask, truth)], 1)
        with torch.autocast(device, torch.bfloat16):
            logits = net.logits(net.hidden(ids)[:, 1:][masked])                               # (masked, K), the only ones that count
        return F.cross_entropy(logits.float(), truth[masked], label_smoothing=c.smoothing)

    while step < c.steps:
        for group in optimizer.param_groups:
            group['lr'] = run.learning_rate(step, c.steps, c.rate, c.warmup)
        loss = loss_of(model, data)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), c.clip)
        optimizer.step()
        average.update(model, step)
        step += 1
        losses.append(loss.item())
        if step % 100 == 0 or step == c.steps:
            log(step, loss=sum(losses) / len(losses))
            losses = []
        if step % 1000 == 0 or step == c.steps:
            with torch.no_grad():
                log(step, held_out=sum(loss_of(average.module, held).item() for _ in range(10)) / 10)
            label = torch.arange(preset.transformer.classes, device=device)
            grids = generate(average.module, label, guidance_scale=2, generator=torch.Generator().manual_seed(0))
            with torch.no_grad():
                run.sheet(path / 'maskgit-sheet.png', stage1.decode(grids.view(-1, preset.transformer.rows, preset.transformer.cols)), 16, zoom=3)
            log.draw()
        if time.time() - saved > 120 or step == c.steps:
            run.save(file, model=model.state_dict(), average=average.module.state_dict(), optimizer=optimizer.state_dict(), step=step)
            saved = time.time()


if __name__ == '__main__':
    main()
