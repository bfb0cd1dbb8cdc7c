"""Line charts as SVG, for the docs: no library, text that stays text."""
import math
from html import escape

COLOURS = ('#3366cc', '#cc3333', '#339933', '#aa33aa', '#cc8800', '#008888', '#666666', '#99bb00')


def lines(path, title, x_label, y_label, series, size=(560, 320), percent=False, low=None):
    """series {name: [(x, y)]}; x are numbers or texts (then evenly spaced); -> an SVG file with a legend on the right."""
    width, height, left, bottom, top, right = *size, 56, 46, 34, 170
    xs = list(dict.fromkeys(x for points in sorted(series.values(), key=len, reverse=True) for x, _ in points))  # texts in the order of the longest
    if not any(isinstance(x, str) for x in xs):
        xs.sort()
    ys = [y for points in series.values() for _, y in points]
    low, high = min(ys) if low is None else low, max(ys)
    if percent:
        low, high = min(.9, math.floor(low * 10) / 10), 1                                     # whole tens up to 100 %
    else:
        high, low = (high + .05 * (high - low), low - (0 if low == 0 else .05 * (high - low))) if high > low else (high + 1, low - 1)
    place = lambda x: left + (width - left - right) * (xs.index(x) + .5) / len(xs)
    rise = lambda y: height - bottom - (height - bottom - top) * (y - low) / (high - low)
    say = (lambda v: f'{100 * v:.3g} %') if percent else (lambda v: f'{v:.3g}')
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="white"/>', f'<text x="{left}" y="18" font-size="14">{escape(title)}</text>']
    for k in range(5):
        y = low + (high - low) * k / 4
        out.append(f'<path d="M{left} {rise(y):.1f}H{width - right}" stroke="#ddd"/><text x="{left - 6}" y="{rise(y) + 4:.1f}" text-anchor="end" fill="#555">{say(y)}</text>')
    out += [f'<text x="{place(x):.1f}" y="{height - bottom + 16}" text-anchor="middle" fill="#555">{escape(str(x))}</text>' for x in xs]
    out.append(f'<text x="{(left + width - right) / 2}" y="{height - 8}" text-anchor="middle">{escape(x_label)}</text>')
    out.append(f'<text transform="translate(14 {(top + height - bottom) / 2}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>')
    for n, (name, points) in enumerate(series.items()):
        colour, dash = COLOURS[n % len(COLOURS)], '' if n < len(COLOURS) else ' stroke-dasharray="5 3"'
        points = sorted(points, key=lambda p: xs.index(p[0]))
        way = 'L'.join(f'{place(x):.1f} {rise(y):.1f}' for x, y in points)
        out.append(f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        out += [f'<circle cx="{place(x):.1f}" cy="{rise(y):.1f}" r="3" fill="{colour}"/>' for x, y in points]
        out.append(f'<path d="M{width - right + 12} {top + 10 + 18 * n}h18" stroke="{colour}" stroke-width="2"{dash}/>'
                   f'<text x="{width - right + 36}" y="{top + 14 + 18 * n}">{escape(name)}</text>')
    path.write_text('\n'.join([*out, '</svg>\n']))
