import { describe, expect, it } from 'vitest';
import { parseManifest } from './parseManifest.ts';
import { defaultSettings } from './request.ts';

const tokenizer = {
  filters: 32,
  multipliers: [1, 2, 4],
  resBlocks: 1,
  groups: 8,
  groupEps: 1e-6,
  embedding: 16,
  codebook: 512,
};
const transformer = {
  width: 192,
  layers: 6,
  heads: 6,
  mlp: 768,
  classes: 2,
  nullClass: true,
  layerEps: 1e-12,
  gelu: 'tanh',
};
const config = { image: { size: 32, pixelArt: true }, grid: { rows: 8, cols: 8 }, tokenizer, transformer };
const shard = { file: 'weights-0.safetensors', sizeBytes: 1000, sha256: 'a'.repeat(64) };
const model = {
  format: 'unmask-model',
  version: 1,
  id: 'mini',
  name: 'Mini',
  licence: { name: 'MIT', attribution: 'Emoji' },
  config,
  classes: [{ name: 'fox', aliases: ['red fox'] }, { name: 'empty' }],
  shards: [shard],
};

describe('a model.json', () => {
  it('is made complete: the codebook of the transformer, the sampler, empty lists', () => {
    const manifest = parseManifest(model, 'model.json');
    expect(manifest.config.transformer).toEqual({ ...transformer, codebook: 512 });
    expect(manifest.sampler).toEqual(defaultSettings);
    expect(manifest.classes[1]).toEqual({ name: 'empty', aliases: [] });
    expect(manifest.assets).toEqual({});
    expect(manifest).not.toHaveProperty('trained');
  });

  it('keeps what it says', () => {
    const sampler = {
      ...defaultSettings,
      steps: 12,
      startStep: 2,
      schedule: 'square',
      guidanceRamp: 'linear',
      order: 'halton',
    };
    const said = {
      ...model,
      sampler,
      quality: { psnr: 26.1, note: 'fine' },
      trained: { command: 'python train', commit: 'abc' },
      assets: { atlas: 'atlas.webp', atlasTile: 4, atlasCols: 32, recordings: ['recording-0.json'] },
    };
    expect(parseManifest(said, 'model.json')).toMatchObject(said);
  });

  it('says what edits are sampled with, and what it leaves out of that is the same as for pictures', () => {
    const sampler = { ...defaultSettings, steps: 6, temperature: 0.6 };
    const said = parseManifest({ ...model, sampler, editSampler: { guidanceScale: 3 } }, 'model.json');
    expect(said.editSampler).toEqual({ ...sampler, guidanceScale: 3 });
    expect(parseManifest({ ...model, sampler }, 'model.json')).not.toHaveProperty('editSampler');
  });

  it('may say which boxes are painted from near', () => {
    const closeUpOf = (closeUp: object) => parseManifest({ ...model, closeUp }, 'model.json').closeUp;
    expect(closeUpOf({ side: 7, below: 5 })).toEqual({ below: 5, side: 7 });
    expect(closeUpOf({ side: 7 })).toEqual({ below: 7, side: 7 });
    expect(parseManifest(model, 'model.json')).not.toHaveProperty('closeUp');
  });

  const refusals: [string, object, RegExp][] = [
    ['another format', { format: 'toy' }, /model\.json\.format must be one of unmask-model, it is "toy"/],
    ['a later version', { version: 2 }, /version must be a whole number from 1 to 1, it is 2/],
    [
      'a shard above its folder',
      { shards: [{ ...shard, file: '../secret' }] },
      /shards\[0\]\.file must be a plain file name/,
    ],
    ['a shard elsewhere', { shards: [{ ...shard, file: 'https://example.invalid/x' }] }, /plain file name/],
    ['a shard on a drive', { shards: [{ ...shard, file: 'C:\\x' }] }, /plain file name/],
    ['a shard twice', { shards: [shard, shard] }, /names a shard twice/],
    ['no shard', { shards: [] }, /at least one shard/],
    ['a hash of another kind', { shards: [{ ...shard, sha256: 'md5' }] }, /64 lower-case hexadecimal digits/],
    [
      'a grid that does not make the picture',
      { config: { ...config, grid: { rows: 4, cols: 4 } } },
      /grid of 4 × 4 tokens of 4 pixels/,
    ],
    ['a grid that is not square', { config: { ...config, grid: { rows: 8, cols: 4 } } }, /must be square/],
    [
      'a grid that is too large to be painted',
      { config: { image: { size: 256, pixelArt: false }, grid: { rows: 64, cols: 64 }, tokenizer, transformer } },
      /grid of 64 × 64 tokens is larger than 32 × 32/,
    ],
    [
      'long skips without a middle',
      { config: { ...config, transformer: { ...transformer, longSkips: true } } },
      /layers must be an odd number where longSkips is true, it is 6/,
    ],
    [
      'the causal baseline with norms of another kind',
      { config: { ...config, transformer: { ...transformer, order: 'raster', placement: 'pre' } } },
      /order must be parallel where placement is given, it is "raster"/,
    ],
    [
      'an order of tokens that nobody knows',
      { config: { ...config, transformer: { ...transformer, order: 'spiral' } } },
      /order must be one of parallel, raster, it is "spiral"/,
    ],
    [
      'heads that do not divide the width',
      { config: { ...config, transformer: { ...transformer, heads: 5 } } },
      /heads must be a number that divides the width 192, it is 5/,
    ],
    [
      'groups that do not divide the channels',
      { config: { ...config, tokenizer: { ...tokenizer, groups: 33 } } },
      /groups must be a number that divides the channels \[32,64,128\]/,
    ],
    [
      'a billion layers',
      { config: { ...config, transformer: { ...transformer, layers: 1e9 } } },
      /layers must be a whole number from 1 to 100/,
    ],
    [
      'two codebooks',
      { config: { ...config, transformer: { ...transformer, codebook: 64 } } },
      /codebook 64 differs from/,
    ],
    ['no network', { config: { image: config.image, grid: config.grid } }, /neither a tokenizer nor a transformer/],
    [
      'too few class names',
      { classes: [{ name: 'fox' }] },
      /classes has 1 entries, but config.transformer.classes is 2/,
    ],
    [
      'a start behind the last step',
      { sampler: { steps: 4, startStep: 4 } },
      /startStep must be a whole number from 0 to 3/,
    ],
    ['a close-up larger than the grid', { closeUp: { side: 9 } }, /closeUp.*side must be/],
    ['a close-up of what is larger already', { closeUp: { side: 6, below: 7 } }, /closeUp.*below must be/],
    ['an unknown schedule for edits', { editSampler: { schedule: 'best' } }, /editSampler.*schedule must be one of/],
    ['a kind that is no text', { classes: [{ name: 'fox', aliases: [], kinds: [7] }] }, /kinds.*must be a text/],
    ['annealing that nobody knows', { sampler: { annealing: '__proto__' } }, /annealing must be one of after, before/],
    ['a score that is no word', { sampler: { score: 1 } }, /score must be one of logProb, logit/],
    ['an unknown schedule', { sampler: { schedule: 'toString' } }, /schedule must be one of cosine/],
    [
      'an asset that is a script',
      { assets: { atlas: 'javascript:alert(1)', atlasTile: 4, atlasCols: 4 } },
      /atlas must be a plain file name/,
    ],
  ];
  for (const [what, change, message] of refusals) {
    it(`with ${what} is refused by the field's name`, () => {
      expect(() => parseManifest({ ...model, ...change }, 'model.json')).toThrow(message);
    });
  }

  it('cannot reach into prototypes', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":1}}') as object;
    expect(() => parseManifest({ ...model, ...hostile }, 'model.json')).toThrow(/__proto__/);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
