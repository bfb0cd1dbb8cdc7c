import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelConfig } from './config.ts';
import { Failure } from './failure.ts';
import { blankTokens } from './grid.ts';
import { defaultSettings, type GenerateRequest } from './request.ts';
import { checkSettings, clampSettings, editSettings } from './settings.ts';
import { checkRequest, parseRequest } from './validate.ts';

const config: ModelConfig = {
  image: { size: 64, pixelArt: false },
  grid: { rows: 4, cols: 4 },
  transformer: {
    width: 8,
    layers: 1,
    heads: 1,
    mlp: 8,
    codebook: 32,
    classes: 10,
    nullClass: false,
    layerEps: 1e-12,
    gelu: 'tanh',
  },
};
const withNull: ModelConfig = { ...config, transformer: { ...config.transformer!, nullClass: true } };
const good: GenerateRequest = { classId: 3, seed: 7, settings: defaultSettings };
const settings = (more: object) => ({ settings: { ...defaultSettings, ...more } });

describe('checkRequest', () => {
  it.each<[object, string]>([
    [{ classId: 10 }, 'classId is 10; it must be a whole number from 0 to 9'],
    [{ classId: -1 }, 'classId is -1; it must be a whole number from 0 to 9'],
    [{ classId: 1.5 }, 'classId is 1.5;'],
    [{ seed: -1 }, 'seed is -1; it must be a whole number from 0 to 4294967295'],
    [{ seed: 2 ** 32 }, 'seed is 4294967296;'],
    [settings({ steps: 0 }), 'settings.steps is 0; it must be a whole number from 1 to 16'],
    [settings({ steps: 17 }), 'settings.steps is 17;'],
    [settings({ steps: Number.NaN }), 'settings.steps is NaN;'],
    [settings({ startStep: 8 }), 'settings.startStep is 8; it must be below steps, 8'],
    [settings({ temperature: -1 }), 'settings.temperature is -1; it must be a number from 0 to 10'],
    [settings({ choiceTemperature: Infinity }), 'settings.choiceTemperature is Infinity;'],
    [settings({ guidanceScale: 1 }), 'settings.guidanceScale is 1; it must be a number from 0 to 0'],
    [settings({ schedule: 'cosin' }), 'settings.schedule is "cosin"; it must be one of cosine, linear'],
    [settings({ order: undefined }), 'settings.order is undefined; it must be one of confidence, halton, raster'],
    [{ tokens: new Int32Array(15) }, 'tokens has 15 values; it must have 16'],
    [{ tokens: new Int32Array(16).fill(32) }, 'tokens[0] is 32; it must be a whole number from -1 to 31'],
    [{ tokens: new Int32Array(16) }, 'tokens has nothing to paint; mask at least one position'],
    [{ painted: new Uint8Array(15) }, 'painted has 15 values; it must have 16'],
    [{ painted: new Uint8Array(16) }, 'painted[0] is 0; it must be a whole number from 1 to 1'],
    [{ classOfPosition: new Int32Array(16).fill(10) }, 'classOfPosition[0] is 10;'],
    [{ bannedCodes: [31, 32] }, 'bannedCodes[1] is 32; it must be a whole number from 0 to 31'],
    [
      { bannedCodes: Array.from({ length: 32 }, (_, i) => i) },
      'bannedCodes bans all 32 codes; leave at least one to draw',
    ],
    [
      { noise: { drawNoise: new Float32Array(8 * 16 * 32), choiceNoise: new Float32Array(16) } },
      'noise.choiceNoise has 16 values; it must have 128',
    ],
  ])('refuses %j by the name of the field', (change, message) => {
    const attempt = () => checkRequest({ ...good, ...change } as GenerateRequest, config);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(Failure);
  });

  it('accepts what the model can paint', () => {
    const tokens = blankTokens(config.grid);
    expect(() => checkRequest(good, config)).not.toThrow();
    expect(() => checkRequest({ ...good, tokens, bannedCodes: [1, 1, 2] }, config)).not.toThrow();
    expect(() => checkRequest({ ...good, classId: -1, ...settings({ guidanceScale: 3 }) }, withNull)).not.toThrow();
  });

  it('refuses to paint with a tokenizer alone', () => {
    expect(() => checkRequest(good, { image: config.image, grid: config.grid })).toThrow('holds a tokenizer only');
  });
});

describe('parseRequest', () => {
  it('fills in the defaults and ignores what it does not know', () => {
    expect(parseRequest({ classId: 3, seed: 7, settings: { steps: 4, colour: 1 }, sky: 'blue' }, config)).toEqual({
      ...good,
      settings: { ...defaultSettings, steps: 4 },
    });
  });

  it('comes back unchanged from JSON', () => {
    const request = { ...good, tokens: blankTokens(config.grid), bannedCodes: [4] };
    const json = JSON.stringify({ ...request, tokens: [...request.tokens] });
    expect(parseRequest(JSON.parse(json), config)).toEqual(request);
  });

  it('answers any junk with a request that checks or a BadRequest of one short sentence', () => {
    const junk = fc.oneof(
      fc.jsonValue(),
      fc.record({ classId: fc.jsonValue(), settings: fc.jsonValue(), tokens: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(junk, (value) => {
        try {
          checkRequest(parseRequest(value, config), config);
        } catch (error) {
          expect(error).toMatchObject({ name: 'BadRequest' });
          expect((error as Error).message.length).toBeLessThan(200);
        }
      }),
    );
  });
});

describe('editSettings', () => {
  const sampler = { ...defaultSettings, guidanceScale: 1 };
  const editSampler = { ...sampler, guidanceScale: 3, temperature: 0.5 };

  it('paints edits as the model does best, but for what somebody chose', () => {
    expect(editSettings(sampler, { sampler, editSampler })).toEqual(editSampler);
    const chosen = { ...sampler, steps: 16, guidanceScale: 2 };
    expect(editSettings(chosen, { sampler, editSampler })).toEqual({ ...chosen, temperature: 0.5 });
  });

  it('changes nothing for a model that makes no difference', () => {
    expect(editSettings(sampler, { sampler })).toEqual(sampler);
  });
});

describe('clampSettings', () => {
  it('makes anything runnable, and says what it changed', () => {
    const fields = [
      'steps',
      'startStep',
      'temperature',
      'choiceTemperature',
      'guidanceScale',
      'corrections',
      'schedule',
      'order',
    ];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...fields), fc.oneof(fc.jsonValue(), fc.double(), fc.integer())),
        (wanted) => {
          const { settings: clamped, notes } = clampSettings(wanted, withNull);
          checkSettings(clamped, withNull);
          const changed = Object.entries(wanted).filter(([name, value]) => value !== (clamped as never)[name]);
          expect(notes).toHaveLength(changed.length);
        },
      ),
    );
  });

  it('names the old and the new number', () => {
    const { settings: clamped, notes } = clampSettings({ steps: 300, startStep: 99, guidanceScale: 2 }, config);
    expect(clamped).toMatchObject({ steps: 16, startStep: 15, guidanceScale: 0 });
    expect(notes[0]).toBe('steps 300 became 16 (1 to 16)');
  });
});
