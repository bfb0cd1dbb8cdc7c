"""Stage 1: train the tokenizer. `python train_tokenizer.py --preset mini`; run it again to resume.

L1 + squared error + perceptual + commitment; codebook from k-means after a share of the run, then moving averages.
With `adversarial` a small PatchGAN judges as well (taming-transformers, hinge loss, adaptive weight).
"""
import math
import time

import torch
import torch.nn.functional as F

import run
from discriminator import Adversary
from perceptual import Perceptual
from tokenizer import Tokenizer


def quality(model, images, device):
    """-> PSNR in dB over all pixels of all pictures, share of the codebook in use, reconstructions of the first 40."""
    error, used, first = 0, torch.zeros(model.config.codebook), None
    with torch.no_grad():
        for part in images.split(100):
            x = run.pictures(part).to(device)
            ids = model.encode(x)
            y = model.decode(ids).float().clamp(0, 1)
            error += (y - x).square().mean().item() * len(part) / len(images)
            used += torch.bincount(ids.flatten().cpu(), minlength=len(used))
            first = torch.cat([x, y])[torch.arange(80) // 2 + torch.arange(80) % 2 * len(x)] if first is None and len(x) >= 40 else first
    return 10 * math.log10(1 / error), (used > 0).float().mean().item(), first


def more(parser):
    parser.add_argument('--start', help='a tokenizer.pt whose weights to start from')
    parser.add_argument('--decoder-only', action='store_true', help='go on with the decoder alone: every token keeps its meaning for stage 2')


def main():
    preset, args = run.arguments(__doc__, more)
    c, path, device = preset.tokenizer_run, run.folder(preset), args.device
    images, held_out = run.scenes(preset)[0], run.scenes(preset, 'held-out')[0]
    torch.manual_seed(0)
    model = Tokenizer(preset.tokenizer).to(device)
    if args.start:
        model.load_state_dict(torch.load(args.start, map_location=device, weights_only=True)['average'])
    average = run.Average(model, c.ema)
    optimizer = torch.optim.AdamW(model.parameters(), betas=(.9, .99), weight_decay=1e-4)
    judge = Perceptual(zoom=max(1, 64 // preset.tokenizer.size)).to(device).eval() if c.perceptual else None
    adversary = Adversary(c, device) if c.adversarial else None
    log, file, step = run.Log(path, 'tokenizer'), path / 'tokenizer.pt', 0
    if file.exists():
        state = torch.load(file, map_location=device, weights_only=True)
        model.load_state_dict(state['model'])
        average.module.load_state_dict(state['average'])
        optimizer.load_state_dict(state['optimizer'])
        if adversary and 'adversary' in state:
            adversary.load(state['adversary'])
        step = state['step']
    first = step if args.decoder_only else 0
    if args.decoder_only:  # the average's encoder made the tokens, so it is the one to keep
        model.load_state_dict(average.module.state_dict())
        optimizer = torch.optim.AdamW(model.decoder.parameters(), betas=(.9, .99), weight_decay=1e-4)
    saved, plain, sums = time.time(), int(c.plain * c.steps), {}

    def save():
        extra = {'adversary': adversary.state()} if adversary else {}
        run.save(file, model=model.state_dict(), average=average.module.state_dict(), optimizer=optimizer.state_dict(), step=step, **extra)

    while step < c.steps:
        if step == plain and not args.decoder_only:  # start the codebook where the encoder puts its vectors
            with torch.no_grad():
                z = torch.cat([model.encoder(run.pictures(part).to(device)) for part in images[:1024].split(64)])
            model.quantizer.start(z.float().permute(0, 2, 3, 1).reshape(-1, z.shape[1]))
        x = run.pictures(images[torch.randint(len(images), (c.batch,))]).to(device)
        if preset.flips:
            x = torch.where(torch.rand(len(x), 1, 1, 1, device=device) < .5, x.flip(3), x)
        losses = {}
        with torch.autocast(device, torch.bfloat16):
            with torch.set_grad_enabled(not args.decoder_only):
                z = model.encoder(x)
            if step >= plain or args.decoder_only:
                ids = model.quantizer.ids(z)
                chosen = model.quantizer.look_up(ids)
                losses['commitment'] = c.commitment * F.mse_loss(z.float(), chosen)
                if args.decoder_only:
                    y = model.decoder(chosen)
                else:
                    model.quantizer.update(z, ids)
                    y = model.decoder(z + (chosen - z).detach())  # straight through
            else:
                y = model.decoder(z)
            y = y.float()
            losses['absolute'] = (y - x).abs().mean()
            losses['squared'] = c.squared * (y - x).square().mean()
            if judge and step % c.perceptual_every == 0:
                n = c.perceptual_batch
                losses['perceptual'] = c.perceptual * judge.distance(y[:n], x[:n])
        if adversary and step >= c.adversarial_after * c.steps:
            losses['adversarial'] = adversary.loss(x, y, sum(losses.values()), model.decoder)
        for group in optimizer.param_groups:
            group['lr'] = run.learning_rate(step - first, c.steps - first, c.rate, c.warmup)
        optimizer.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.)
        optimizer.step()
        average.update(model, step - first)
        step += 1
        for k, v in losses.items():
            sums.setdefault(k, []).append(v.item())
        if step % 50 == 0:
            log(step, **{k: sum(v) / len(v) for k, v in sums.items()})
            sums = {}
        if step % 500 == 0 or step == c.steps:
            if step > plain or args.decoder_only:
                db, used, pairs = quality(average.module, held_out[:400], device)
                log(step, psnr=db, used=used)
                run.sheet(path / 'tokenizer-sheet.png', pairs, 16, zoom=max(1, 96 // preset.tokenizer.size))
            log.draw()
        if time.time() - saved > 120 or step == c.steps:
            save()
            saved = time.time()


if __name__ == '__main__':
    main()
