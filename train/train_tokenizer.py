"""Stage 1: train the tokenizer. `python train_tokenizer.py --preset mini`; run it again to resume.

L1 + squared error (of small things more) + perceptual + commitment; codebook from k-means after a share of the run, then moving averages.
With `adversarial` a small PatchGAN judges as well (taming-transformers, hinge loss, adaptive weight).
Several GPUs: `torchrun --nproc-per-node N -- train_tokenizer.py …`, the batch is divided among them.
"""
import dataclasses
import math
import sys
import time

import torch
import torch.nn.functional as F

import run
from carry import finer
from discriminator import Adversary
from perceptual import Perceptual
from tokenizer import Tokenizer
from weights import start_from


def quality(model, images, device):
    """-> PSNR in dB over all pixels of all pictures, share of the codebook in use, pictures and reconstructions of the first 40 in turn."""
    error, used, first = 0, torch.zeros(model.config.codebook), []
    with torch.no_grad():
        for part in images.split(100):
            x = run.pictures(part).to(device)
            ids = model.encode(x)
            y = model.decode(ids).float().clamp(0, 1)
            error += (y - x).square().mean().item() * len(part) / len(images)
            used += torch.bincount(ids.flatten().cpu(), minlength=len(used))
            first += torch.stack([x, y], 1).flatten(0, 1)[:80 - len(first)]
    return 10 * math.log10(1 / max(error, 1e-10)), (used > 0).float().mean().item(), torch.stack(first)


def more(parser):
    parser.add_argument('--start', help='a tokenizer.pt, or the folder of an exported model, whose weights to start from')
    parser.add_argument('--finer', metavar='TOKENIZER.PT', help='start from this tokenizer of half the picture, and keep to its tokens: stage 2 serves both')
    parser.add_argument('--decoder-only', action='store_true', help='go on with the decoder alone: every token keeps its meaning for stage 2')


def coarse_of(preset, file):
    """The tokenizer of half the picture whose tokens a finer one is to give."""
    c = preset.tokenizer
    teacher = Tokenizer(dataclasses.replace(c, size=c.size // 2, multipliers=c.multipliers[1:]))
    return start_from(teacher, file).eval().requires_grad_(False)


def latents_of(teacher, x):
    """What the teacher says of pictures (B, 3, S, S) at half their size -> (B, E, G, G)."""
    with torch.no_grad():
        return teacher.encoder(F.avg_pool2d(x, 2)).float()


def agreement(model, teacher, images, device):
    """-> share of the tokens that are the teacher's."""
    if teacher is None:
        return {}
    with torch.no_grad():
        same = [(model.encode(x) == teacher.quantizer.ids(latents_of(teacher, x))).float().mean(0)
                for x in (run.pictures(part).to(device) for part in images.split(100))]
    return {'as_taught': torch.stack(same).mean()}


def importance(objects, config, small):
    """Pixel boxes (B, 5, 6) [class, x0, y0, x1, y1, visible] -> weights of the pixels (B, 1, S, S), 1 on average.

    Inside a thing of k tokens a side it is small / k² to 1 elsewhere: by area alone a thing of 2 x 2 tokens would hardly count, and 0 lets it."""
    at, boxes = torch.arange(config.size, device=objects.device), objects[..., 1:5].long()
    x0, y0, x1, y1 = boxes[..., None].unbind(2)                                               # (B, 5, 1) each
    inside = ((at >= y0) & (at < y1))[..., :, None] & ((at >= x0) & (at < x1))[..., None, :]  # (B, 5, S, S)
    side = torch.maximum(x1 - x0, y1 - y0).clamp(min=1) * config.grid / config.size           # in tokens
    shown = objects[..., 5, None] >= 50
    weight = torch.where(shown, small / side ** 2, 0.)[..., None]                             # (B, 5, 1, 1)
    weight = (inside * weight).amax(1, keepdim=True).clamp(min=1)
    return weight / weight.mean()


def losses_of(c, x, y, z, chosen, ids, weight, judge, step, team):
    """Reconstruction (of pixels weighted by `importance`), perceptual and commitment losses, weighted; x is the true picture."""
    y = y.float()
    losses = {'loss_absolute': (weight * (y - x).abs()).mean(), 'loss_squared': c.squared * (weight * (y - x).square()).mean()}
    if ids is not None:
        losses['loss_commitment'] = c.commitment * F.mse_loss(z.float(), chosen)
    if judge and step % c.perceptual_every == 0:
        n = max(1, c.perceptual_batch // team.size)
        losses['loss_perceptual'] = c.perceptual * judge.distance(y[:n], x[:n])
    return losses


def main():
    preset, args = run.arguments(__doc__, more)
    c, path, team = preset.tokenizer_run, run.folder(preset), run.Team(args.device, args.dtype)
    assert not preset.stage1, f'{preset.name} uses the tokenizer of {preset.stage1}: train that one'
    with team.first_alone():
        (images, _, objects), held_out = run.scenes(preset), run.scenes(preset, 'held-out')[0]
        judge = Perceptual(zoom=max(1, 64 // preset.tokenizer.size)).to(team.device).eval() if c.perceptual else None
    images, objects = images.to(team.device), objects.to(team.device)  # all of them: 60,000 scenes of 128 px are 3 GB
    torch.manual_seed(0)
    model = Tokenizer(preset.tokenizer).to(team.device)
    if team.kind == 'cuda':
        model.to(memory_format=torch.channels_last)         # as pictures come
    if args.start:
        start_from(model, args.start)
        model.quantizer.go_on()
    teacher = coarse_of(preset, args.finer).to(team.device) if args.finer else None
    if teacher:
        finer(model, teacher)
    average = run.Average(model, c.ema)
    optimizer = torch.optim.AdamW(model.parameters(), betas=(.9, .99), weight_decay=1e-4)
    adversary = Adversary(c, team) if c.adversarial else None
    log, file, step, quantised, spent = run.Log(path, 'tokenizer', team), path / 'tokenizer.pt', 0, bool(teacher or args.start and not c.plain), 0.
    if file.exists():
        state = torch.load(file, map_location=team.device, weights_only=True)
        model.load_state_dict(state['model'])
        average.module.load_state_dict(state['average'])
        optimizer.load_state_dict(state['optimizer'])
        if adversary and 'adversary' in state:
            adversary.load(state['adversary'])
        step, spent = state['step'], state.get('seconds', 0.)
        quantised = state.get('quantised', step >= c.plain * c.steps)
        assert args.decoder_only or state.get('taught', bool(teacher)) == bool(teacher), f'{file} was begun {"with" if state["taught"] else "without"} --finer: go on so'
    first = step if args.decoder_only else 0
    if args.decoder_only:  # the average's encoder made the tokens, so it is the one to keep
        model.load_state_dict(average.module.state_dict())
        model.encoder.requires_grad_(False)
        optimizer, quantised = torch.optim.AdamW(model.decoder.parameters(), betas=(.9, .99), weight_decay=1e-4), True
    net, clock = team.spread(model, args.compile), run.Clock(c, team, spent, args.minutes)
    g = torch.Generator(team.device).manual_seed(step)      # the same in every process
    saved, sums, done = time.time(), run.Sums(team), step >= c.steps
    while not done and not clock.tick(step):
        share = clock.share(step, first)
        if not quantised and share >= c.plain:              # start the codebook where the encoder puts its vectors
            with torch.no_grad():
                z = torch.cat([model.encoder(run.pictures(part)) for part in images[::-(-len(images) // 1024)].split(64)])
            model.quantizer.start(z.float().permute(0, 2, 3, 1).reshape(-1, z.shape[1]))
            quantised = True
        pick = torch.randint(len(images), (c.batch,), generator=g, device=team.device)
        mirrored = torch.rand(c.batch, 1, 1, 1, generator=g, device=team.device) < .5 * preset.flips
        x = run.pictures(team.part(images[pick]))
        weight = team.part(importance(objects[pick], preset.tokenizer, c.small))              # 1 on average of the whole batch
        x, weight = (torch.where(team.part(mirrored), v.flip(3), v) for v in (x, weight))
        with team.autocast:
            given = latents_of(teacher, x) if teacher else None
            y, z, chosen, ids = net(x, quantised, args.decoder_only, given)
            losses = losses_of(c, x, y, z, chosen, ids, weight, judge, step, team)
        if ids is not None and not args.decoder_only and not teacher:
            model.quantizer.update(z, ids, team, g)
        if adversary and share >= c.adversarial_after:
            losses['loss_adversarial'] = adversary.loss(x, y.float(), sum(losses.values()), model.decoder)
        for group in optimizer.param_groups:
            group['lr'] = run.learning_rate(step - first, share, c.rate, c.warmup)
        optimizer.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.)
        optimizer.step()
        average.update(model, step - first)
        step += 1
        done = step >= c.steps or clock.share(step, first) >= 1
        sums.add(c.batch, **losses)
        if step % 50 == 0 or done:
            log(step, **sums.read())
        if (step % 500 == 0 or done) and team.first:
            if quantised:
                db, used, pairs = quality(average.module, held_out[:400], team.device)
                log(step, psnr=db, used=used, **agreement(average.module, teacher, held_out[:400], team.device))
                run.sheet(path / 'tokenizer-sheet.png', pairs, 16, zoom=max(1, 96 // preset.tokenizer.size))
            log.draw()
        if time.time() - saved > 120 or done:
            save(file, team, model, average, optimizer, adversary, step, clock.spent, quantised, bool(teacher))
            saved = time.time()
    if not done:
        save(file, team, model, average, optimizer, adversary, step, clock.spent, quantised, bool(teacher))
        print(f'stopped at step {step} of {c.steps} after {args.minutes:g} minutes; the same command goes on', flush=True)
    return 0 if done else run.NOT_FINISHED


def save(file, team, model, average, optimizer, adversary, step, seconds, quantised, taught):
    if team.first:
        extra = {'adversary': adversary.state()} if adversary else {}
        run.save(file, model=model.state_dict(), average=average.module.state_dict(), optimizer=optimizer.state_dict(), step=step,
                 seconds=seconds, quantised=quantised, taught=taught, **extra)


if __name__ == '__main__':
    sys.exit(main())
