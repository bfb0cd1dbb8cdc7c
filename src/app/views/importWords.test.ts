import { describe, expect, it } from 'vitest';
import { conversionWords, roundedSize } from './importWords.ts';

const progress = { stage: 'converting', doneBytes: 230e6, totalBytes: 690e6, fetchedBytes: 0 } as const;

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

  it('writes sizes as people read them', () => {
    expect([1.04e6, 218e6, 2.09e9].map(roundedSize)).toEqual(['1.0 MB', '218 MB', '2.1 GB']);
  });
});
