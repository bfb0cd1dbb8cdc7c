"""How well boxes can be repainted: `python editing.py --preset mini --model ../public/models/mini --docs`.

Held-out scenes; one, two or three boxes of k x k tokens at random places without overlap, each with a class of its own; a
classifier reads every box afterwards. Measured at the preset's guidance and at guidance 3 in every step; several boxes
decoded together (each position takes its class's logits) and one after the other. What is measured is kept as
evaluate.py keeps it. Writes docs/editing.md's measured part, its plots and a picture of failures.
"""
import torch
from PIL import Image, ImageDraw

import charts
import run
from data import worlds
from classifier import crop
from close_up import repaint
from evaluate import DOCS, LEAST, WHOLE_IN_BOXES, Bench, enlarged, into_docs, more
from sampling import MASK
from train_maskgit import Draw, grid_box

STRONG = {'guidanceScale': 3., 'guidanceRamp': 'constant'}
SETTINGS = {'default guidance': {}, 'guidance 3 throughout': STRONG}


def places(c, n, k, boxes, draw):
    """Rows and columns of `boxes` k x k boxes without overlap in each of n grids -> (n, boxes, 2)."""
    found = torch.zeros(n, boxes, 2, dtype=torch.long)
    for i in range(n):
        while True:
            at = torch.stack([draw.below(c.rows - k + 1, boxes), draw.below(c.cols - k + 1, boxes)], 1)
            apart = (at[:, None] - at[None]).abs().amax(-1) >= k
            if (apart | torch.eye(boxes, dtype=torch.bool)).all():
                found[i] = at
                break
    return found


def setting_up(b, n, k, boxes):
    """-> scenes' tokens (n, P), box masks (n, boxes, P), classes (n, boxes) all different in a scene, pixel boxes (n, boxes, 4), scene numbers (n,)."""
    c, draw = b.p.transformer, Draw(torch.Generator().manual_seed(1000 * boxes + k))
    pick, at = draw(len(b.held[0])).argsort()[:n], places(c, n, k, boxes, draw)
    top, left = at.flatten(0, 1).unbind(1)
    mask = grid_box(c, left, top, left + k - 1, top + k - 1).view(n, boxes, -1)
    label = draw(n, c.classes - 1).argsort(1)[:, :boxes]
    f = b.p.tokenizer.size // c.cols
    pixels = torch.stack([left, top, left + k, top + k], 1).view(n, boxes, 4) * f
    return b.encode(b.real(pick)), mask, label, pixels, pick


def together(b, tokens, mask, label, **changes):
    """All boxes in one run; position p takes the logits of the class of the box that it lies in. A box alone is enlarged where the page does so."""
    if mask.shape[1] == 1:
        return in_turn(b, tokens, mask, label, **changes)
    return b.sample(label, tokens=tokens.masked_fill(mask.any(1), MASK), row=mask.int().argmax(1), **changes)


def in_turn(b, tokens, mask, label, **changes):
    """A run a box; the boxes still to come show what was there before."""
    for i in range(label.shape[1]):
        tokens = repaint(b, label[:, i], tokens, mask[:, i], b.p.close_up, **changes)
    return tokens


def empty(b, mask, **changes):
    """Backgrounds alone, (n, P) tokens: a whole picture each of the class `empty`."""
    return b.sample(torch.full((len(mask),), b.p.transformer.classes - 1), **changes)


def at_once(b, tokens, mask, label, **changes):
    """A layout on a blank canvas in one run: what lies in no box is `empty`."""
    rest = torch.full_like(label[:, :1], b.p.transformer.classes - 1)
    row = torch.cat([mask, ~mask.any(1, keepdim=True)], 1).int().argmax(1)
    return b.sample(torch.cat([label, rest], 1), row=row, **changes)


def over_empty(b, tokens, mask, label, **changes):
    """A layout by an empty picture, and then the boxes in it together."""
    return together(b, empty(b, mask), mask, label, **changes)


def over_empty_in_turn(b, tokens, mask, label, **changes):
    return in_turn(b, empty(b, mask), mask, label, **changes)


EDITS = {'together': together, 'one after the other': in_turn}
LAYOUTS = {'in one run': at_once, 'empty first, boxes together': over_empty, 'empty first, boxes in turn': over_empty_in_turn}


def edited(b, n, k, boxes, how, changes):
    """-> numbers; and the pictures before and after, boxes, classes wanted and seen, for the sheet."""
    tokens, mask, label, pixels, pick = setting_up(b, n, k, boxes)
    after = how(b, tokens, mask, label, **changes)
    assert how in LAYOUTS.values() or (after == tokens)[~mask.any(1)].all(), 'a token outside the boxes changed'
    shown = b.decode(after)
    seen = torch.stack([b.judge(crop(shown, pixels[:, i])) for i in range(boxes)], 1)
    right = (seen == label).float()
    whole = b.whole_in_boxes(shown.repeat_interleave(boxes, 0), pixels.flatten(0, 1), label.flatten()) if k >= LEAST else {}
    return {'class in box': right.mean().item(), 'all boxes of a scene': right.min(1).values.mean().item(), **whole, 'boxes': label.numel()}, (b.real(pick), shown, pixels, label, seen)


def ceiling(b, k):
    """The classifier on real objects of strewn scenes that fill a box of k x k tokens, as they are and as the tokenizer shows them."""
    c, size = b.p.transformer, b.p.tokenizer.size
    world, f = worlds.Worlds(worlds.strewn(b.p.world, c.cols), seed=2), size // c.cols
    images, boxes, label = [], [], []
    for i in range(2000):
        image, _, objects = world.scene(i)
        for name, x0, y0, x1, y1, visible in objects:
            left, top = x0 // f * f, y0 // f * f
            if visible >= 90 and max(-(-x1 // f) - x0 // f, -(-y1 // f) - y0 // f) == k and max(left, top) + k * f <= size:
                images.append(torch.from_numpy(image.copy()))
                boxes.append([left, top, left + k * f, top + k * f])
                label.append(name)
        if len(label) >= 300:
            break
    if not label:
        return {'boxes': 0}
    x, boxes, label = run.pictures(torch.stack(images)), torch.tensor(boxes), torch.tensor(label)
    hits = lambda pictures: (b.judge(crop(pictures, boxes)) == label).float().mean().item()
    return {'class in box': hits(x), 'through the tokenizer': hits(b.decode(b.encode(x))), 'boxes': len(label)}


def measure(b, n):
    """-> [(boxes, k, how, settings, numbers)], ceilings {k: numbers}; about `n` boxes a line."""
    cols, rows = b.p.transformer.cols, []
    sizes = range(2, cols + 1) if cols <= 8 else (2, 3, 4, 6, 8, 10, 12)
    for boxes in (1, 2, 3):
        count = -(-n // boxes)
        for k in (k for k in sizes if boxes == 1 or 2 * k <= cols):
            for name, how in list((EDITS | (LAYOUTS if boxes > 1 else {})).items())[:None if boxes > 1 else 1]:
                for settings, changes in list(SETTINGS.items())[boxes > 1:]:
                    key = f'{count} scenes, {boxes} boxes of {k} x {k}, {name}, {settings}{enlarged(b.p)}'
                    rows.append((boxes, k, name, settings, b.once(key, lambda: edited(b, count, k, boxes, how, changes)[0])))
    own = isinstance(b.p.world, worlds.WorldOptions)
    ceilings = {k: b.once(f'real objects in boxes of {k} x {k}', lambda: ceiling(b, k)) for k in sizes if own}
    return [row for row in rows if row[-1]], {k: v for k, v in ceilings.items() if v and v['boxes']}


def failures(b, file, sizes, each=6):
    """The first edits that the classifier did not recognise, one row a box size: before and after, what was wanted and what it saw."""
    size, names = b.p.world.size, b.p.world.classes
    zoom = max(1, 96 // size)
    side, gap, text = size * zoom, 6, 26
    page = Image.new('RGB', (60 + each * (2 * side + 3 * gap), len(sizes) * (side + text + gap)), 'white')
    pen = ImageDraw.Draw(page)
    for row, k in enumerate(sizes):
        _, (before, after, pixels, label, seen) = edited(b, 60, k, 1, together, STRONG)
        wrong = (seen != label)[:, 0].nonzero()[:each, 0].tolist()
        y = row * (side + text + gap)
        pen.text((4, y + side // 2), f'{k} x {k}', fill='black')
        for col, i in enumerate(wrong):
            x = 60 + col * (2 * side + 3 * gap)
            for n, picture in enumerate((before[i], after[i])):
                bits = (picture.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
                page.paste(Image.fromarray(bits).resize((side, side), Image.NEAREST), (x + n * (side + 2), y))
            x0, y0, x1, y1 = (pixels[i, 0] * zoom).tolist()
            pen.rectangle((x + side + 2 + x0, y + y0, x + side + 1 + x1, y + y1 - 1), outline='white')
            pen.text((x, y + side + 2), f'wanted {names[label[i, 0]]},\nseen as {names[seen[i, 0]]}', fill='black', spacing=0)
    page.save(file)


def table(title, rows, ways):
    """Class in the box of several boxes, guided, one column a way; nothing where nothing was measured."""
    found = {(boxes, k, how): v for boxes, k, how, settings, v in rows if boxes > 1 and how in ways}
    lines = [title, '', '| boxes | size | ' + ' | '.join(ways) + ' |', '|---|---|' + '---|' * len(ways)]
    full = [(boxes, k) for boxes, k in dict.fromkeys(key[:2] for key in found) if all((boxes, k, how) in found for how in ways)]
    share = lambda boxes, k, how: found[boxes, k, how]['class in box']
    lines += [f'| {boxes} | {k} × {k} | ' + ' | '.join(f'{share(boxes, k, how):.0%}' for how in ways) + ' |' for boxes, k in full]
    if not full:
        return []
    means = [sum(share(boxes, k, how) for boxes, k in full) / len(full) for how in ways]
    return [*lines, '| all | | ' + ' | '.join(f'{v:.0%}' for v in means) + ' |', '']


def report(b, n, rows, ceilings):
    sizes = sorted({k for _, k, *_ in rows} | set(ceilings))
    one = {(k, s): v for boxes, k, _, s, v in rows if boxes == 1}
    cell = lambda numbers, name='class in box': f'{numbers[name]:.0%}' if numbers else '—'
    lines = [f'About {n} boxes a line. The ceiling is the classifier on real things of strewn scenes that fill such a box, as they are and as the tokenizer'
             ' shows them. Nothing outside a box changed in any of them.', '',
             '| one box of | ' + ' | '.join(f'{k} × {k}' for k in sizes) + ' |', '|---|' + '---|' * len(sizes)]
    lines += [f'| {name} | ' + ' | '.join(cell(one.get((k, name))) for k in sizes) + ' |' for name in SETTINGS if any((k, name) in one for k in sizes)]
    lines += [f'| … whole (whole.py), {name} | ' + ' | '.join(cell(v, WHOLE_IN_BOXES) if WHOLE_IN_BOXES in (v := one.get((k, name), {})) else '—' for k in sizes) + ' |'
              for name in SETTINGS if any(WHOLE_IN_BOXES in one.get((k, name), {}) for k in sizes)]
    for title, name in (('ceiling', 'class in box'), ('… through the tokenizer', 'through the tokenizer')):
        lines += [f'| {title} | ' + ' | '.join(cell(ceilings.get(k), name) for k in sizes) + ' |']
    lines += ['', *table('Several boxes on a picture, guidance 3:', rows, tuple(EDITS)),
              *table('A layout of boxes on a blank canvas, guidance 3 in the boxes, the rest of class `empty`:', rows, tuple(LAYOUTS))]
    strong = list(SETTINGS)[-1]
    series = {f'{boxes} box{"es" * (boxes > 1)}{", " + how if boxes > 1 else ""}':
              [(f'{k}×{k}', v['class in box']) for n_boxes, k, way, s, v in rows if (n_boxes, way, s) == (boxes, how, strong)]
              for boxes in (1, 2, 3) for how in list(EDITS)[:None if boxes > 1 else 1]}
    series = {name: points for name, points in series.items() if points}
    series['ceiling'] = [(f'{k}×{k}', ceilings[k]['through the tokenizer']) for k in sizes if k in ceilings]
    plot = f'editing-{b.p.name}.svg'
    charts.lines(DOCS / plot, 'Class in the box after an edit', 'box, in tokens', 'found by the classifier', series, percent=True, low=0)
    failures(b, DOCS / f'editing-{b.p.name}-failures.png', [k for k in sizes if k < b.p.transformer.cols])
    return [*lines, f'![{plot}]({plot})', '', f'![failed edits](editing-{b.p.name}-failures.png)', '',
            '*Guidance 3: the first edits of each size that the classifier did not recognise, before and after; nothing picked.*']


def main():
    preset, args = run.arguments(__doc__, lambda p: (more(p), p.add_argument('--boxes', type=int, default=100, help='boxes a measurement')))
    torch.set_num_threads(max(1, args.threads))
    b, n = Bench(preset, args), 20 if args.quick else args.boxes
    rows, ceilings = measure(b, n)
    lines = report(b, n, rows, ceilings)
    into_docs('editing.md', preset.name, lines) if args.docs else print('\n'.join(lines))


if __name__ == '__main__':
    main()
