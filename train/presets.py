"""Every number of a training run, in dataclasses. `--preset mini --set tokenizer_run.steps=100` changes one of them.

A run is over after `steps`, or after `minutes` of training if that is not 0; whatever goes by shares of the run
(learning rate, k-means, the adversary) follows the one that is further on. `batch` is for all GPUs together.
"""
import dataclasses
from dataclasses import dataclass, field

from data.folder import FolderOptions
from data.worlds import MINI_32, WORLDS_64, WORLDS_64_LITE, WORLDS_128, WORLDS_128_LITE, WorldOptions
from maskgit import TransformerConfig
from tokenizer import TokenizerConfig


@dataclass(frozen=True)
class TokenizerRun:
    steps: int = 4000
    minutes: float = 0.
    batch: int = 16
    rate: float = 1e-3
    warmup: int = 100
    plain: float = .2            # share of the run without quantising, before k-means starts the codebook; 0 with --start keeps the codebook that is there
    small: float = 32.           # pixels of a thing of k tokens a side weigh small / k² if that is over 1; 0 = all alike
    squared: float = 2.          # weight of the squared error beside the absolute one
    perceptual: float = .05      # weight of the MobileNetV2 distance …
    perceptual_batch: int = 4    # … computed on this many pictures of the batch,
    perceptual_every: int = 3    # … at every third step (on a CPU it costs as much as the rest)
    commitment: float = .25
    adversarial: float = 0.      # weight of the hinge loss; the discriminator starts after adversarial_after of the run
    adversarial_after: float = .4
    ema: float = .998


@dataclass(frozen=True)
class TransformerRun:
    steps: int = 7000
    minutes: float = 0.
    batch: int = 32
    rate: float = 1.5e-3
    warmup: int = 200
    betas: tuple = (.9, .96)
    decay: float = .03
    smoothing: float = 0.        # 0.1 in the paper; then a tenth of all draws at temperature 1 is noise, which a short decode shows
    class_drop: float = .1
    box_share: float = .4        # share of box samples: mask an object's box, ask for that object
    ratio_power: float = 1.      # the cosine ratio to this power is masked; below 1, more pictures with hardly a token to go by
    ema: float = .998
    clip: float = 1.
    settled: bool = False        # learn one code for one patch of a thing (settle.py), in worlds that allow it
    likelier: float = 0.         # with --start: how much that transformer's word counts in which of several near codes a token is (settle.py)


@dataclass(frozen=True)
class Sampler:
    """Default settings of the page, named as in src/core/request.ts."""
    steps: int = 8
    schedule: str = 'cosine'
    temperature: float = 1.
    choiceTemperature: float = 4.5
    guidanceScale: float = 1.5
    guidanceRamp: str = 'linear'
    order: str = 'confidence'
    corrections: int = 0


@dataclass(frozen=True)
class Preset:
    name: str
    title: str
    summary: str
    world: WorldOptions | FolderOptions  # where the pictures come from
    scenes: int                  # how many are rendered; of a folder, all there are
    held_out: int
    tokenizer: TokenizerConfig
    transformer: TransformerConfig
    tokenizer_run: TokenizerRun = field(default_factory=TokenizerRun)
    transformer_run: TransformerRun = field(default_factory=TransformerRun)
    sampler: Sampler = field(default_factory=Sampler)
    edit_sampler: dict = field(default_factory=dict)   # what of the sampler differs for edits, measured by evaluate.py
    close_up: tuple = ()         # (below, side): a box with fewer tokens a side than `below` is enlarged to `side` when it is repainted (close_up.py); () = painted as it is
    early: str = ''              # what is not right yet, in a sentence: the page offers such a model and chooses another
    flips: bool = True           # train on mirrored pictures too
    stage1: str = ''             # the run whose tokenizer this one uses; empty = its own
    strewn: int = 0              # more scenes to train on, of strewn things (data/worlds.py), for box samples alone,
    pasted: int = 0              # … and the first so many scenes once more after edits: with other things in them (train_maskgit.py)
    halves: str = ''             # the preset whose scenes, at half their size, are this one's, strewn and pasted ones too
    recorded: tuple = (('fox', 1), ('sunflower', 1), ('rocket', 1), ('panda', 1))  # class and seed of what a first visit is shown; of other data its first classes


def classes(world):
    return len(world.classes)


MINI = Preset('mini', 'Mini Worlds',
              'Pixel-art scenes of 51 well-known things, 32 px; a small download that paints on any machine.', MINI_32, 30000, 2000, TokenizerConfig(codebook=1024),
              TransformerConfig(rows=8, cols=8, codebook=1024, classes=classes(MINI_32)), transformer_run=TransformerRun(steps=16000), flips=False, strewn=30000, pasted=30000,
              sampler=Sampler(temperature=.6, choiceTemperature=1., guidanceScale=1., corrections=4), edit_sampler={'guidanceScale': 3., 'guidanceRamp': 'constant'},
              recorded=(('fox', 1), ('sunflower', 0), ('rocket', 4), ('panda', 1)))           # picked by eye among eight seeds each
SMOKE = Preset('smoke', 'Smoke', 'For tests: learns next to nothing.', MINI_32, 256, 64, TokenizerConfig(filters=16, groups=4, codebook=64, embedding=16),
               TransformerConfig(rows=8, cols=8, codebook=64, classes=classes(MINI_32), width=48, layers=2, heads=2, mlp=96),
               TokenizerRun(steps=40, batch=16, warmup=5, perceptual=0), TransformerRun(steps=60, batch=16, warmup=5, ema=.9), pasted=64)
# Worlds 64 for who has no GPU: the world of `mini` and its networks, at 64 px. Start both stages from `mini` (--start): from nothing they take days.
WORLDS64_LITE = Preset('worlds-64-lite', 'Worlds 64 Lite', 'Scenes of 51 well-known things, 64 px, smooth where Mini Worlds has large pixels.', WORLDS_64_LITE, 16000, 1000,
                      TokenizerConfig(size=64, codebook=1024),
                      TransformerConfig(rows=16, cols=16, codebook=1024, classes=classes(WORLDS_64_LITE)),
                      TokenizerRun(plain=.04, rate=8e-4, perceptual_every=4), TransformerRun(steps=12000, batch=16, rate=1e-3, warmup=400, settled=True), flips=False, pasted=16000,
                      sampler=Sampler(steps=8, temperature=.7, choiceTemperature=.5, guidanceScale=.5, corrections=4), edit_sampler={'guidanceScale': 1., 'guidanceRamp': 'constant'})
# The same scenes and tokens at twice the pixels: stage 1 is the level more (--finer, of the tokenizer of Worlds 64 Lite), stage 2 that of Worlds 64 Lite.
WORLDS128_LITE = dataclasses.replace(
    WORLDS64_LITE, name='worlds-128-lite', title='Worlds 128 Lite', summary='Scenes of 51 well-known things, 128 px, smooth where Mini Worlds has large pixels.',
    world=WORLDS_128_LITE, tokenizer=TokenizerConfig(size=128, multipliers=(1, 1, 2, 4), codebook=1024), close_up=(12, 14),
    recorded=(('fox', 7), ('sunflower', 2), ('rocket', 4), ('panda', 2)))                   # picked by eye among eight seeds each
# The minutes of both make one lease of a large GPU; without --set …minutes they bound the steps, whichever is first.
WORLDS64 = Preset('worlds-64', 'Worlds 64', 'Scenes of 3D emoji, 64 px.', WORLDS_64, 48000, 4000,
                  TokenizerConfig(size=64, filters=48, res_blocks=1, groups=12, codebook=1024),
                  TransformerConfig(rows=16, cols=16, codebook=1024, classes=classes(WORLDS_64), width=256, layers=10, heads=8, mlp=1024),
                  TokenizerRun(30000, 7., batch=128, rate=4e-4, warmup=500, perceptual_batch=128, perceptual_every=1, perceptual=.1, adversarial=.1, ema=.999),
                  TransformerRun(60000, 10., batch=256, rate=6e-4, warmup=1000, ema=.9995), halves='worlds-128', strewn=12000, pasted=12000)
WORLDS128 = Preset('worlds-128', 'Worlds 128', 'Scenes of 3D emoji, 128 px.', WORLDS_128, 48000, 4000,
                   TokenizerConfig(size=128, filters=64, multipliers=(1, 2, 2, 4), res_blocks=2, groups=16, embedding=64, codebook=1024),
                   TransformerConfig(rows=16, cols=16, codebook=1024, classes=classes(WORLDS_128), width=384, layers=9, heads=8, mlp=1536),
                   TokenizerRun(30000, 9., batch=96, rate=4e-4, warmup=500, perceptual_batch=96, perceptual_every=1, perceptual=.1, adversarial=.1, ema=.999),
                   TransformerRun(60000, 11., batch=256, rate=6e-4, warmup=1000, ema=.9995), strewn=12000, pasted=12000)
PRESETS = {p.name: p for p in (MINI, SMOKE, WORLDS64_LITE, WORLDS128_LITE, WORLDS64, WORLDS128)}


def on_folder(preset, pictures, size, name=''):
    """The preset's networks on your own pictures at `size` px: f stays, so the grid grows with the picture."""
    world = FolderOptions.of(pictures, size)
    f = preset.tokenizer.size // preset.tokenizer.grid
    assert size % f == 0 and size // f >= 2, f'--size {size}: it must be a multiple of {f}, at least {2 * f}, for the preset {preset.name}'
    name, grid = name or '-'.join(world.title.lower().split()), size // f
    return dataclasses.replace(preset, name=name, title=world.title, summary=f'Pictures of {len(world.classes)} classes, {size} px.', world=world,
                               tokenizer=dataclasses.replace(preset.tokenizer, size=size), halves='', strewn=0, pasted=0,
                               transformer_run=dataclasses.replace(preset.transformer_run, settled=False),
                               close_up=(), transformer=dataclasses.replace(preset.transformer, rows=grid, cols=grid, classes=len(world.classes)))


def raster(preset):
    """The paper's baseline: the same network, causal, trained to give the next token in raster order, on the same tokens."""
    return dataclasses.replace(preset, name=f'{preset.name}-raster', title=f'{preset.title}, raster order', stage1=preset.stage1 or preset.name, strewn=0, pasted=0,
                               summary=f'{preset.summary} Paints token by token, to compare with.',
                               transformer=dataclasses.replace(preset.transformer, order='raster'))


def override(preset, settings):
    """['tokenizer_run.steps=100'] -> a changed preset; the value takes the type of its field."""
    for setting in settings:
        path, text = setting.split('=', 1)
        *parents, name = path.split('.')
        chain = [preset]
        for parent in parents:
            chain.append(getattr(chain[-1], parent))
        kind = {f.name: f.type for f in dataclasses.fields(chain[-1])}[name]
        assert kind in (int, float, str, bool), f'{path} is a {kind}: change it in presets.py'
        new = dataclasses.replace(chain[-1], **{name: text.lower() in ('1', 'true', 'yes') if kind is bool else kind(text)})
        for parent, owner in zip(reversed(parents), reversed(chain[:-1])):
            new = dataclasses.replace(owner, **{parent: new})
        preset = new
    return preset
