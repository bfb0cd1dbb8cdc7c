"""Stage 2: train the transformer on the tokens of stage 1. `python train_maskgit.py --preset mini`; run it again to resume.

Three samples in five of a plain scene mask the whole picture by a cosine ratio, with the picture's label; the others, and those of
strewn and pasted scenes, are box samples (docs/models.md): the tokens of one object's box are masked and the class is that object's,
which teaches editing.
`--objective raster` trains the causal baseline instead: every token from the class and the tokens before it.
Several GPUs: `torchrun --nproc-per-node N -- train_maskgit.py …`, the batch is divided among them.
"""
import math
import sys
import time

import torch
import torch.nn.functional as F

import run
from carry import carry_over
from maskgit import MaskGit
from sampling import generate, generate_raster
from settle import Settler, likelier
from tokenizer import Tokenizer
from weights import start_from

QUARTERS = 4  # the loss is also logged by how much was masked (raster: by where in the picture), in so many parts


def tokenised(preset, team, part='train'):
    """-> tokens to guess and tokens that an edit finds, (1 or 2, N, P) int16 each (plain; mirrored if the preset flips), labels (N,), objects (N, 5, 6); made once by stage 1's average."""
    assert preset.pasted <= preset.scenes, 'a pasted scene is a plain one after edits: there cannot be more of them'
    images, labels, objects = run.scenes(preset, part)
    home = run.folder(preset, 'stage1')
    assert (home / 'tokenizer.pt').exists(), f'{home} has no tokenizer.pt: run train_tokenizer.py with the same preset first'
    state = torch.load(home / 'tokenizer.pt', map_location=team.device, weights_only=True)
    file = home / f'tokens-{part}-{run.digest((images[::61], labels, objects))}-{state["step"]}.pt'
    if not file.exists():
        model = Tokenizer(preset.tokenizer).to(team.device, memory_format=torch.channels_last).eval()    # on a CPU 1.4 times as quick
        model.load_state_dict(state['average'])
        with torch.no_grad(), team.autocast:
            sides = [torch.cat([model.encode(x.flip(3) if mirrored else x).flatten(1).to(torch.int16).cpu()
                                for x in (run.pictures(some.to(team.device)) for some in images.split(256 if team.kind == 'cuda' else 64))])
                     for mirrored in (False, True)[:1 + preset.flips]]
        run.save(file, tokens=torch.stack(sides))
    tokens = torch.load(file, weights_only=True)['tokens']
    return [v.to(team.device) for v in (tokens, as_found(tokens, preset.pasted if part == 'train' else 0), labels, objects)]


def as_found(tokens, pasted):
    """tokens (sides, N, P) -> the same, but the pasted scenes, which come last, as they were before their edits, which are the first scenes.

    Such tokens do not know yet what comes into a box. The encoder looks further than a token, so those of the finished picture
    do; a network trained on them alone takes a box around which nothing says so for one that stays as it is."""
    n = tokens.shape[1] - pasted
    return torch.cat([tokens[:, :n], tokens[:, :pasted]], 1)


def with_settled(settler, truth, found, labels, objects):
    """truth (1, N, P) -> the same, settled; the rest as it is."""
    return settler.settle(truth[0].cpu(), objects.cpu())[None].to(truth.device), found, labels, objects


def with_likelier(preset, net, stage1, settler, data, part, team, anew):
    """The tokens to guess, once more: made with the network that training starts from, then kept beside it.

    Scenes with a label are asked about with it. Of pasted scenes the network knows things by their boxes alone, so they are asked about as an edit asks: with the class of
    the thing, in its box, around which stands what was there before; and for what is not settled, its rim and what is behind it (decision 47)."""
    assert not preset.flips, f'{preset.name} trains on mirrored pictures too, whose tokens are not chosen by likelihood'
    truth, found, labels, objects = data
    file = run.folder(preset) / f'tokens-{part}-likelier.pt'
    if anew:
        images, chosen = run.scenes(preset, part)[0], truth[0].clone()
        ask = lambda which, label, here, **more: likelier(net, stage1, images[which.cpu()], here, label, preset.transformer_run.likelier, team, **more)
        known = (labels >= 0).nonzero()[:, 0]
        chosen[known] = ask(known, labels[known], chosen[known])
        for which, label, box, settled in pasted_things(preset, settler, objects) if part == 'train' else ():
            here = torch.where(box, chosen[which], found[0, which])
            likely = ask(which, label, here, open_to=box & ~settled, groups=1)                # half of a rim tells nothing of the other half
            chosen[which] = torch.where(box, likely, chosen[which])
        if team.first:
            run.save(file, tokens=chosen, of=run.digest([truth[0]]))
    else:
        assert file.exists(), f'{file} is missing: the run in {file.parent} began without transformer_run.likelier; move its maskgit.pt away and --start from it'
        kept = torch.load(file, weights_only=True, map_location=team.device)
        assert kept['of'] == run.digest([truth[0]]), f'{file} is of other scenes or another tokenizer: move the maskgit.pt beside it away and --start from it'
        chosen = kept['tokens']
    return chosen[None], found, labels, objects


def pasted_things(preset, settler, objects):
    """objects (N, 5, 6), pasted scenes last -> for the first things of them, the second …: scene numbers (M,), classes (M,), a box each as an edit draws it (M, P) bool, what is settled (M, P) bool."""
    c, n, draw = preset.transformer, len(objects), Draw(torch.Generator(objects.device).manual_seed(0))
    settled = torch.zeros(n, c.positions, dtype=torch.bool)
    if settler:
        settled = settler.settle(torch.full((n, c.positions), -1), objects.cpu()) >= 0
    for k in range(objects.shape[1]):
        which = (objects[n - preset.pasted:, k, 0] >= 0).nonzero()[:, 0] + n - preset.pasted
        if len(which):
            thing = objects[which, k]
            bounds = token_boxes(thing, torch.zeros_like(thing[:, 0], dtype=torch.bool), c, preset.tokenizer.size)
            yield which, thing[:, 0].long(), grid_box(c, *box_for(*bounds, c, size_step(preset), draw)), settled.to(objects.device)[which]


def token_boxes(objects, mirrored, c, size):
    """Pixel boxes (B, 6) [class, x0, y0, x1, y1, visible] -> the first and last token row and column that each touches."""
    f = size // c.cols
    x0, y0, x1, y1 = objects[:, 1:5].long().clamp(0, size).unbind(1)
    x0, x1 = torch.where(mirrored, size - x1, x0), torch.where(mirrored, size - x0, x1)
    return x0 // f, y0 // f, (x1 - 1).clamp(min=0) // f, (y1 - 1).clamp(min=0) // f


def grid_box(c, left, top, right, bottom):
    """Inclusive token bounds, (B,) each -> (B, P) bool."""
    rows, cols = (torch.arange(n, device=left.device) for n in (c.rows, c.cols))
    at = lambda v: v[:, None, None]
    rows, cols = rows[None, :, None], cols[None, None]
    return ((rows >= at(top)) & (rows <= at(bottom)) & (cols >= at(left)) & (cols <= at(right))).flatten(1)


class Draw:
    """Uniform random numbers from one generator, on its device."""

    def __init__(self, generator):
        self.g = generator

    def __call__(self, *shape):
        return torch.rand(shape, generator=self.g, device=self.g.device)

    def below(self, n, *shape):                             # whole numbers 0 … n - 1
        return torch.randint(n, shape, generator=self.g, device=self.g.device)


def random_box(c, n, draw, least=2):
    """Uniform boxes of at least `least` tokens a side, and at most a little over half the picture -> inclusive left, top, right, bottom."""
    least = min(least, c.cols // 2 + 1)
    w, h = (least + draw.below(side // 2 + 2 - least, n) for side in (c.cols, c.rows))
    left, top = (draw(n) * (c.cols - w + 1)).long(), (draw(n) * (c.rows - h + 1)).long()
    return left, top, left + w - 1, top + h - 1


def choose(scores, count):
    """Mask `count` (B,) positions of each row where scores (B, P) are highest; -inf is never chosen."""
    rank = scores.argsort(1, descending=True).argsort(1)
    return (rank < count[:, None]) & scores.isfinite()


def size_step(preset):
    """The tokens by which sizes of things differ; 1 where they have any size or nothing is known of them."""
    return max(1, getattr(preset.world, 'sizes', 0) * preset.transformer.cols // preset.tokenizer.size)


def box_for(left, top, right, bottom, c, step, draw):
    """Boxes in which things with these inclusive token bounds, (B,) each, stand as an edit shall put them: as large as fits, in the middle.

    So the box and the class tell where it is and how large. Sizes differ by `step` tokens, so a box may be up to step - 1 tokens larger than need be.
    Six boxes in ten are square where the picture's edge leaves room; of the others one side is longer, by any length."""
    grid = torch.tensor([c.cols, c.rows], device=left.device)
    first, last = torch.stack([left, top], 1), torch.stack([right, bottom], 1)                # (B, 2) inclusive
    size, n = last - first + 1, len(left)
    side, loose = size.amax(1, keepdim=True), torch.arange(2, device=left.device) == draw.below(2, n)[:, None]
    square = draw(n, 1) < .6
    spare = draw.below(step, n, 1) * (square | ((size == side) & ~loose).any(1, keepdim=True))  # where it makes no room for the next size
    slack = torch.where(square, side - size, loose * draw.below(max(c.cols, c.rows), n, 2)) + spare
    slack = torch.minimum(slack, torch.minimum(2 * first + 1, 2 * (grid - 1 - last)))         # the rest of an odd slack lies behind the thing
    return (*(first - slack // 2).unbind(1), *(last + slack - slack // 2).unbind(1))


def more_holes(c, box, draw):
    """One or two more boxes in half of the pictures, `box` (B, P) left out -> (B, P) bool. Several boxes painted at once look so from one of them."""
    n, holes = len(box), torch.zeros_like(box)
    for chance in (.5, .25):
        holes |= grid_box(c, *random_box(c, n, draw)) & (draw(n, 1) < chance)
    return holes & ~box


def batch(truth, found, labels, objects, preset, draw):
    """-> tokens with masks (B, P), true tokens (B, P), the masked ones to guess (B, P) bool, class (B,). Raster order: nothing is masked, everything is guessed.

    `truth`, `found` (sides, N, P): what is to be guessed, settled or likelier where that was asked for; and what in a box sample stands around, as an edit finds it."""
    c, t = preset.transformer, preset.transformer_run
    n = t.batch
    pick, mirrored = draw.below(truth.shape[1], n), (draw(n) < .5) & preset.flips
    truth, found, label, around = truth[mirrored.long(), pick].long(), found[mirrored.long(), pick].long(), labels[pick].clone(), objects[pick]
    dropped = draw(n) < t.class_drop
    if c.order == 'raster':
        return truth, truth, torch.ones_like(truth, dtype=torch.bool), torch.where(dropped, c.null, label)
    ratio = torch.cos(draw(n) * math.pi / 2) ** t.ratio_power                                 # (B,)
    allowed = torch.ones_like(truth, dtype=torch.bool)

    seen = around[:, :, 5] >= 50                                                              # (B, 5) at least half visible
    boxed = ((draw(n) < t.box_share) | (label < 0)) & seen.any(1)                             # a scene without label is for boxes alone
    edges = [token_boxes(around[:, k], mirrored, c, preset.tokenizer.size) for k in range(around.shape[1])]
    which = (draw(*seen.shape) * seen).argmax(1)
    target = around[torch.arange(n, device=which.device), which]                              # (B, 6)
    left, top, right, bottom = token_boxes(target, mirrored, c, preset.tokenizer.size)
    box = grid_box(c, *box_for(left, top, right, bottom, c, size_step(preset), draw))
    allowed = torch.where(boxed[:, None], box, allowed)
    label = torch.where(boxed, target[:, 0].long(), label)

    free = grid_box(c, *random_box(c, n, draw))                                               # a box without any object is `empty`
    for k in range(around.shape[1]):
        there = grid_box(c, *edges[k]) & (around[:, k, :1] >= 0)
        free &= ~(free & there).any(1, keepdim=True)
    nothing = ~boxed & free.any(1) & (draw(n) < .3) & seen.any()                              # … where the data knows its objects at all
    allowed = torch.where(nothing[:, None], free, allowed)
    label = torch.where(nothing, c.classes - 1, label)                                        # `empty` is the last class

    reach = allowed | more_holes(c, allowed, draw) & boxed[:, None]                           # in the other holes nothing of this class is wanted
    whole = (boxed | nothing) & (draw(n) < .6)                                                # whole box, else by ratio within it
    room = reach.sum(1)
    count = torch.where(whole, room, (ratio * room).ceil().long().clamp(min=1))
    masked = choose(draw(*truth.shape).masked_fill(~reach, -math.inf), count)
    given = torch.where((boxed | nothing)[:, None] & ~reach, found, truth).masked_fill(masked, c.mask)  # within its boxes an edit sees what it painted itself
    return given, truth, masked & allowed, torch.where(dropped, c.null, label)


def weights_of(guessed):
    """(B, P) bool -> (B, P): a picture with n tokens to guess weighs sqrt(n) in all. By n alone, a box of 2 x 2 would hardly count beside a whole picture."""
    return guessed * guessed.sum(1, keepdim=True).clamp(min=1).rsqrt()


def losses_of(net, preset, given, truth, guessed, label, team, dense):
    """-> cross-entropy, weight (0 where not guessed, else by `weights_of`), 1 where guessed, and quarter of each position, (N,) each: N are the guessed ones.

    `dense`: N are all positions, so that shapes never change: a compiled network stays compiled and nothing waits for the GPU."""
    c = preset.transformer
    if c.order == 'raster':
        quarter = torch.arange(c.positions, device=truth.device).expand_as(truth) * QUARTERS // c.positions
    else:
        quarter = (((given == c.mask).sum(1, keepdim=True) - 1) * QUARTERS // c.positions).expand_as(truth)
    pick = (lambda x: x.flatten(0, 1)) if dense else (lambda x: x[guessed])
    with team.autocast:
        logits = pick(net(given, label)) if dense else net(given, label, guessed)              # (N, K)
    loss = F.cross_entropy(logits.float(), pick(truth), label_smoothing=preset.transformer_run.smoothing, reduction='none')
    return loss * pick(guessed), pick(weights_of(guessed)), pick(guessed).float(), pick(quarter)


def by_quarter(loss, weight, quarter, order):
    """-> {name: (sum, count)} for the log."""
    name = 'loss_rows' if order == 'raster' else 'loss_masked'
    return {f'{name}_{100 * q // QUARTERS}-{100 * (q + 1) // QUARTERS}': ((loss * (quarter == q)).sum(), (weight * (quarter == q)).sum())
            for q in range(QUARTERS)}


def fresh(preset, stage1, device):
    """A new network; codes that look alike start alike: their rows are the codebook's entries, turned at random into the width."""
    model = MaskGit(preset.transformer).to(device)
    entries, width = stage1.quantizer.codebook, preset.transformer.width
    with torch.no_grad():
        if preset.tokenizer.embedding <= width:
            entries = F.normalize(entries - entries.mean(0))
            turn = torch.nn.init.orthogonal_(torch.empty(preset.tokenizer.embedding, width)).to(device)
            model.Embed_0.word_embeddings.weight[:len(entries)] = entries @ turn * .02 * width ** .5
    return model


def samples(preset, model, stage1, device):
    """A picture a class, -> (C, 3, S, S)."""
    label, g = torch.arange(preset.transformer.classes, device=device), torch.Generator(device).manual_seed(0)
    paint = generate_raster if preset.transformer.order == 'raster' else generate
    grids = torch.cat([paint(model, some, guidance_scale=2., generator=g) for some in label.split(64)])
    with torch.no_grad():
        return stage1.decode(grids.view(-1, preset.transformer.rows, preset.transformer.cols))


def optimizers_of(model, c, team):
    """Muon (Jordan et al. 2024) for the matrices of the layers, in steps as long as AdamW's, so that they share a learning rate; AdamW for the rest,
    and for everything on a processor that is slow at bf16, in which PyTorch's Muon computes its steps.

    300 steps of Worlds 64 Lite from the same weights: held-out loss 2.832 against 2.849 with AdamW alone, in a tenth more time."""
    matrices = [m.weight for m in model.modules() if isinstance(m, torch.nn.Linear)]
    tables = [m.weight for m in model.modules() if isinstance(m, torch.nn.Embedding)]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    adam = lambda decayed: torch.optim.AdamW([{'params': decayed, 'weight_decay': c.decay}, {'params': vectors, 'weight_decay': 0}], betas=c.betas, fused=team.kind == 'cuda')
    if run.quick_at_bf16(team.kind):
        return [torch.optim.Muon(matrices, weight_decay=c.decay, adjust_lr_fn='match_rms_adamw'), adam(tables)]
    return [adam(tables + matrices)]


def more(parser):
    parser.add_argument('--start', help='a maskgit.pt, or the folder of an exported model, to start from')
    parser.add_argument('--other-codes', action='store_true', help="… of another tokenizer, whose tokenizer.pt lies beside it: codes take over the rows of those they stand for")


def main():
    preset, args = run.arguments(__doc__, more)
    c, path, team = preset.transformer_run, run.folder(preset), run.Team(args.device, args.dtype)
    torch.manual_seed(1)
    with team.first_alone():
        data, held = tokenised(preset, team), tokenised(preset, team, 'held-out')
    settler = None
    if c.settled:
        truth, _, _, objects = data
        settler = Settler(preset).learn(truth[0].cpu(), objects.cpu())
        data, held = (with_settled(settler, *part) for part in (data, held))
    stage1 = Tokenizer(preset.tokenizer).to(team.device, memory_format=torch.channels_last).eval()
    start_from(stage1, run.folder(preset, 'stage1') / 'tokenizer.pt')
    model = fresh(preset, stage1, team.device)
    if args.start and args.other_codes:
        images = run.scenes(preset)[0]
        few = -(-len(images) * preset.transformer.positions // 640000)                         # so many tokens tell what codes mean
        carry_over(model, args.start, stage1, images[::few], team.device)
    elif args.start:
        start_from(model, args.start)
    log, file, step, spent = run.Log(path, 'maskgit', team), path / 'maskgit.pt', 0, 0.
    if c.likelier:
        assert args.start, 'transformer_run.likelier asks a transformer: give one to --start'
        data, held = (with_likelier(preset, model, stage1, settler, some, part, team, not file.exists()) for some, part in ((data, 'train'), (held, 'held-out')))
    average = run.Average(model, c.ema)
    optimizers = optimizers_of(model, c, team)
    if file.exists():
        state = torch.load(file, map_location=team.device, weights_only=True)
        model.load_state_dict(state['model'])
        average.module.load_state_dict(state['average'])
        assert len(optimizers) == len(state['optimizers']), f'{file} comes from a machine that trains with another optimizer (bf16): --start from it in another folder of --runs'
        for optimizer, kept in zip(optimizers, state['optimizers']):
            optimizer.load_state_dict(kept)
        step, spent = state['step'], state.get('seconds', 0.)
    net, clock = team.spread(model, args.compile), run.Clock(c, team, spent, args.minutes)
    draw = Draw(torch.Generator(team.device).manual_seed(1 + step))                           # the same in every process
    saved, sums, done = time.time(), run.Sums(team), step >= c.steps
    while not done and not clock.tick(step):
        share = clock.share(step)
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group['lr'] = run.learning_rate(step, share, c.rate, c.warmup)
        given, truth, guessed, label = batch(*data, preset, draw)
        total = weights_of(guessed).sum()                                                     # over all processes
        loss, weight, one, quarter = losses_of(net, preset, *map(team.part, (given, truth, guessed, label)), team, dense=args.compile)
        model.zero_grad(set_to_none=True)
        ((loss * weight).sum() * team.size / total).backward()                     # DDP divides by team.size again
        torch.nn.utils.clip_grad_norm_(model.parameters(), c.clip)
        for optimizer in optimizers:
            optimizer.step()
        average.update(model, step)
        step += 1
        done = step >= c.steps or clock.share(step) >= 1
        sums.add(c.batch, loss=(loss.sum(), one.sum()), **by_quarter(loss.detach(), one, quarter, preset.transformer.order))
        if step % 100 == 0 or done:
            log(step, **sums.read())
        if (step % 1000 == 0 or done) and team.first:
            same = Draw(torch.Generator(team.device).manual_seed(0))                          # the same masks every time
            with torch.no_grad():
                parts = torch.cat([losses_of(average.module, preset, *batch(*held, preset, same), team, dense=False)[0] for _ in range(10)])
            log(step, loss_held_out=parts.mean())
            run.sheet(path / 'maskgit-sheet.png', samples(preset, average.module, stage1, team.device), 16, zoom=max(1, 96 // preset.tokenizer.size))
            log.draw()
        if time.time() - saved > 120 or done:
            save(file, team, model, average, optimizers, step, clock.spent)
            saved = time.time()
    if not done:
        save(file, team, model, average, optimizers, step, clock.spent)
        print(f'stopped at step {step} of {c.steps} after {args.minutes:g} minutes; the same command goes on', flush=True)
    return 0 if done else run.NOT_FINISHED


def save(file, team, model, average, optimizers, step, seconds):
    if team.first:
        run.save(file, model=model.state_dict(), average=average.module.state_dict(), optimizers=[o.state_dict() for o in optimizers], step=step, seconds=seconds)


if __name__ == '__main__':
    sys.exit(main())
