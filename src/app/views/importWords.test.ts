import { describe, expect, it } from 'vitest';
import { cardOf } from '../../core/modelCard.ts';
import { tinyManifest } from '../testing/fakeDesk.ts';
import { publishedModels } from '../data/checkpoints.ts';
import {
  comparisonWords,
  conversionWords,
  lossWords,
  madeWords,
  needsWords,
  refusalOf,
  roundedSize,
} from './importWords.ts';

const progress = { stage: 'converting', doneBytes: 230e6, totalBytes: 690e6, fetchedBytes: 0, peakBytes: 0 } as const;

describe('a conversion in words', () => {
  it('says how much is done, how fast it goes and how long it takes still', () => {
    expect(conversionWords(progress, 10_000)).toMatchObject({
      amount: '230 MB of 690 MB',
      rest: '23 MB a second, 20 s left.',
      part: 1 / 3,
    });
  });

  it('says what was fetched, and promises no time before there is something to go by', () => {
    const rest = conversionWords({ ...progress, fetchedBytes: 25e6, doneBytes: 0 }, 500).rest;
    expect(rest.trim()).toBe('25 MB fetched.');
    expect(conversionWords({ ...progress, stage: 'waiting' }, 0).now).toMatch(/Another tab/);
  });

  it('says how much memory it takes, and when files are verified', () => {
    expect(conversionWords({ ...progress, peakBytes: 96e6 }, 0).rest).toBe('At most 96 MB in memory at once.');
    expect(conversionWords({ ...progress, stage: 'verifying' }, 0)).toMatchObject({ now: 'Verifying', part: 1 / 3 });
  });

  it('says how long a comparison takes still, and what came of it', () => {
    expect(comparisonWords({ done: 2, total: 8 }, 3000)).toMatchObject({ amount: '2 of 8', part: 1 / 4 });
    expect(comparisonWords({ done: 2, total: 8 }, 3000).rest).toMatch(/^9 s left/);
    expect(lossWords({ conversionSameCode: 0.9912, conversionPsnrDb: 39.8 })).toBe(
      'Against the published weights, on random grids: the same likeliest token at 99.1 % of places, decoded pixels agree to 40 dB.',
    );
    expect(lossWords({ 'as published': 'FID 6' })).toBeUndefined();
  });

  it('tells of a model that was made how long it took, how much memory, and what was verified', () => {
    const card = { ...cardOf(tinyManifest), name: 'Tiny', sizeBytes: 217e6 };
    const made = { card, isNew: true, readBytes: 866e6, peakBytes: 96e6, ms: 42_000, verified: ['vq.pt'] };
    expect(madeWords(made)).toEqual([
      'Tiny is on this device, and works offline from now on.',
      '866 MB of weights became 217 MB in 42 s, with at most 96 MB in memory at once.',
      'vq.pt is the published file, by its SHA-256.',
    ]);
    expect(madeWords({ ...made, isNew: false, verified: [] })).toHaveLength(1);
  });

  it('says what a public checkpoint takes before anything is fetched', () => {
    const [tiny] = publishedModels;
    expect(needsWords(tiny!)).toBe(
      'It fetches 380 MB, keeps about 190 MB here, and takes up to 530 MB of graphics memory.',
    );
    const of = (name: string) => needsWords(publishedModels.find((model) => model.name === name)!);
    expect(of('MaskGIT 512')).toMatch(/^It wants 908 MB saved by you first, keeps about 454 MB here/);
    expect(of('MaskGIT-pytorch 256')).toMatch(
      /^It fetches 697 MB and wants 958 MB saved by you first, keeps .* 493 MB/,
    );
  });

  it('tells why a file is refused without its name, which stands above', () => {
    expect(refusalOf({ name: 'a.pt', refusal: 'a.pt: its list is short.' })).toBe('Its list is short.');
    expect(refusalOf({ name: 'a.pt', refusal: 'a.pt broke off.' })).toBe('a.pt broke off.');
    expect(refusalOf({ name: 'a.pt' })).toBeUndefined();
  });

  it('writes sizes as people read them', () => {
    expect([1.04e6, 218e6, 2.09e9].map(roundedSize)).toEqual(['1.0 MB', '218 MB', '2.1 GB']);
  });
});
