"""Procedural backgrounds of Emoji Worlds: sky, ground, sea, space, table … painted in numpy and Pillow.

All lengths are written for a canvas of 256 px and multiplied by `u = side / 256`.
"""
import colorsys
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SKY = {'meadow': ((88, 168, 245), (205, 235, 252)), 'hills': ((120, 190, 240), (250, 236, 214)), 'snow': ((140, 180, 222), (232, 241, 250)),
       'desert': ((92, 172, 232), (250, 226, 186)), 'dusk': ((92, 62, 142), (252, 152, 98)), 'night': ((12, 16, 48), (58, 60, 118)),
       'beach': ((70, 160, 245), (212, 240, 250)), 'sea': ((96, 174, 246), (224, 242, 250))}
GROUND = {'meadow': ((128, 200, 84), (70, 150, 58)), 'hills': ((168, 206, 92), (92, 160, 66)), 'snow': ((240, 246, 252), (204, 220, 238)),
          'desert': ((240, 206, 138), (214, 162, 92)), 'dusk': ((112, 84, 108), (58, 46, 82)), 'night': ((40, 66, 84), (20, 34, 56))}
WALLS = ((246, 226, 196), (214, 230, 238), (232, 212, 220), (222, 232, 206))
WOODS = ((186, 128, 78), (222, 178, 128), (142, 92, 58), (236, 232, 226))


class Painter:
    """One canvas: `pixels` is float64 (side, side, 3) in 0..255; `texture` scales every noise, `palette` every stray colour."""

    def __init__(self, side, random, texture, palette):
        self.side, self.u, self.random, self.texture, self.palette = side, side / 256, random, texture, palette
        self.rows = np.arange(side)[:, None, None]  # (side, 1, 1)
        self.pixels = np.zeros((side, side, 3))

    def colour(self, c, spread):
        return np.clip(np.array(c, float) + self.random.normal(0, spread * self.palette, 3) * [1, .8, 1], 0, 255)

    def gradient(self, top, bottom):
        t = np.linspace(0, 1, self.side)[:, None, None]
        self.pixels = np.repeat(np.array(top) * (1 - t) + np.array(bottom) * t, self.side, 1)

    def noise(self, cells, amplitude):
        """Smooth noise of `cells` x `cells` lumps -> (side, side, 1)."""
        z = self.random.normal(0, 1, (cells, cells))
        grey = Image.fromarray(((z - z.min()) / (np.ptp(z) + 1e-6) * 255).astype(np.uint8))
        lumps = np.asarray(grey.resize((self.side, self.side), Image.BICUBIC), float) / 255 - .5
        return lumps[:, :, None] * amplitude * self.texture

    def wave(self, height, amplitude):
        """A line of hills -> y of each column, (side,)."""
        x, r = np.arange(self.side) / self.side, self.random
        bumps = sum(r.uniform(.3, 1) / k * np.sin(2 * math.pi * (k * x * r.uniform(.5, 1.2) + r.random())) for k in (1, 2, 3))
        return height + amplitude * self.u * bumps

    def fill_below(self, line, top, bottom, texture):
        """Paint everything under `line` (side,) with a gradient from `top` to `bottom`."""
        inside = ((self.rows[:, :, 0] - line) / 1.5).clip(0, 1)[:, :, None]                    # (side, side, 1), soft edge
        t = ((self.rows - line.min()) / (self.side - line.min() + 1)).clip(0, 1)
        colour = np.array(top) * (1 - t) + np.array(bottom) * t + self.noise(24, texture)
        self.pixels = self.pixels * (1 - inside) + colour * inside

    def overlay(self, draw_on, blur):
        """Lay RGBA shapes, drawn by draw_on(ImageDraw), over the canvas with soft edges."""
        layer = Image.new('RGBA', (self.side, self.side), (255, 255, 255, 0))
        draw_on(ImageDraw.Draw(layer))
        canvas = Image.fromarray(self.pixels.clip(0, 255).astype(np.uint8)).convert('RGBA')
        canvas.alpha_composite(layer.filter(ImageFilter.GaussianBlur(blur * self.u)))
        self.pixels = np.asarray(canvas.convert('RGB'), float)

    def dots(self, count, colour, radius, ymax, outline=False):
        def draw(d):
            for _ in range(count):
                x, y, q = self.random.uniform(0, self.side), self.random.uniform(0, ymax), self.random.uniform(*radius) * self.u
                d.ellipse([x - q, y - q, x + q, y + q], **{'outline' if outline else 'fill': colour})
        self.overlay(draw, .5)

    def clouds(self, count, colour, ymax):
        def draw(d):
            r = self.random
            for _ in range(count):
                x, y, w = r.uniform(0, self.side), r.uniform(8 * self.u, ymax), r.uniform(18, 46) * self.u
                for _ in range(4):
                    dx, q = r.uniform(-w, w), w * r.uniform(.3, .55)
                    d.ellipse([x + dx - q, y - q * .55, x + dx + q, y + q * .55], fill=(*colour, int(r.uniform(150, 225))))
        self.overlay(draw, 4)


def background(theme, side, random, texture=1.0, palette=1.0):
    """-> pixels (side, side, 3) float, y of the horizon where objects may stand."""
    p = Painter(side, random, texture, palette)
    horizon = int(side * random.uniform(.42, .6))
    if theme in SKY:
        sky(p, theme, horizon)
    if theme in GROUND:
        horizon = ground(p, theme, horizon)
    else:
        horizon = SCENES[theme](p, horizon)
    return p.pixels, horizon


def sky(p, theme, horizon):
    top, bottom = SKY[theme]
    p.gradient(p.colour(top, 14), p.colour(bottom, 14))
    if theme == 'night':
        p.dots(int(p.random.integers(15, 50) * min(1, p.texture + .2)), (255, 255, 235, 230), (.6, 1.7), horizon)
    elif p.random.random() < .75 * min(1, p.texture + .3):
        p.clouds(p.random.integers(1, 5), (255, 190, 170) if theme == 'dusk' else (255, 255, 255), horizon * .75)


def ground(p, theme, horizon):
    r, u = p.random, p.u
    near, end = (p.colour(c, 9) for c in GROUND[theme])
    if r.random() < .7:  # a far chain of hills, paled by the air
        far = near * .62 + p.pixels[horizon - 1, 0] * .38
        p.fill_below(p.wave(horizon - r.uniform(6, 26) * u, r.uniform(5, 16)), far, far * .94, 6)
    p.fill_below(p.wave(horizon + 6 * u, r.uniform(1, 7)), near, end, 16)
    return horizon + 8 * u


def beach(p, horizon):
    water = p.colour((40, 150, 205), 9)
    p.fill_below(np.full(p.side, float(horizon)), water, water * .9 + 20, 8)
    shore, sand = horizon + p.random.uniform(18, 44) * p.u, p.colour((244, 220, 168), 7)
    p.fill_below(p.wave(shore, p.random.uniform(2, 6)) - 3 * p.u, (240, 250, 252), (240, 250, 252), 3)  # foam
    p.fill_below(p.wave(shore + 3 * p.u, 4), sand, sand * .88, 12)
    return shore + 10 * p.u


def sea(p, horizon):
    water = p.colour((60, 150, 215), 10)
    p.fill_below(np.full(p.side, float(horizon)), water, water * .62, 10)

    def glints(d):
        for _ in range(p.random.integers(8, 24)):
            y, x = p.random.uniform(horizon + 4 * p.u, p.side), p.random.uniform(0, p.side)
            near = (y - horizon) / (p.side - horizon)
            q, h = (4 + 26 * near) * p.u, (1 + near) * p.u
            d.ellipse([x - q, y - h, x + q, y + h], fill=(255, 255, 255, 70))
    p.overlay(glints, .8)
    return horizon + 6 * p.u


def underwater(p, horizon):
    r, u = p.random, p.u
    p.gradient(p.colour((64, 190, 222), 12), p.colour((10, 60, 128), 12))

    def rays(d):
        for _ in range(r.integers(2, 6)):
            x, w = r.uniform(-40 * u, p.side), r.uniform(10, 34) * u
            d.polygon([(x, 0), (x + w, 0), (x + w * 2.2 + 60 * u, p.side), (x + 40 * u, p.side)], fill=(255, 255, 255, 26))
    p.overlay(rays, 1)
    p.dots(r.integers(4, 16), (235, 250, 255, 150), (1.5, 5), p.side, outline=True)
    bed, sand = int(p.side * r.uniform(.78, .9)), p.colour((206, 192, 142), 8)
    p.fill_below(p.wave(bed, 4), sand * .8, sand * .55, 12)
    return bed + 8 * u


def space(p, horizon):
    p.gradient(p.colour((14, 10, 34), 6), p.colour((34, 18, 66), 10))
    p.pixels = p.pixels + p.noise(5, 46) * np.array([.8, .4, 1.2]) + p.noise(9, 22) * np.array([.3, .7, 1])
    p.dots(int(p.random.integers(40, 110) * p.texture), (255, 255, 245, 220), (.4, 1.5), p.side)
    return p.side


def table(p, horizon):
    r = p.random
    wall, edge = p.colour(WALLS[r.integers(4)], 8), int(p.side * r.uniform(.5, .66))
    p.gradient(wall, wall * .93)
    wood = p.colour(WOODS[r.integers(4)], 7)
    p.fill_below(np.full(p.side, float(edge)), wood * 1.04, wood * .86, 4)
    grain = np.repeat(p.noise(60, 26)[:, :1], p.side, 1) * .6                                  # (side, side, 1)
    p.pixels = p.pixels + np.where(p.rows > edge, grain, 0)
    p.pixels[edge:edge + max(1, round(3 * p.u))] *= .9
    return edge + 10 * p.u


def studio(p, horizon):
    r, hue = p.random, p.random.random()
    hue = hue if p.palette == 1 else round(hue * 6) / 6
    within = lambda a, b: (a + b) / 2 + (r.uniform(a, b) - (a + b) / 2) * p.palette
    wall = np.array(colorsys.hsv_to_rgb(hue, within(.12, .5), within(.86, 1))) * 255
    deep = np.array(colorsys.hsv_to_rgb((hue + within(-.08, .08)) % 1, within(.2, .62), within(.7, .95))) * 255
    p.gradient(wall, deep)
    floor = int(p.side * r.uniform(.62, .74))
    if r.random() >= .7:
        return p.side * .66
    p.fill_below(np.full(p.side, float(floor)), deep * .97 + 6, deep * .84, 1)
    return floor + 8 * p.u


SCENES = {'beach': beach, 'sea': sea, 'underwater': underwater, 'space': space, 'table': table, 'studio': studio}
