import { describe, expect, it } from 'vitest';
import type { ModelCard } from '../../core/modelCard.ts';
import { modelWords } from './modelWords.ts';

const card: ModelCard = {
  id: 'm',
  name: 'M',
  summary: '',
  licence: { name: 'MIT', attribution: '' },
  pictureSize: 32,
  grid: { rows: 8, cols: 8 },
  classes: 52,
  canPaint: true,
  canRead: true,
  sizeBytes: 4_734_948,
  quality: {},
};

describe('a model in words', () => {
  it('says its size, its grid and what it can do', () => {
    expect(modelWords(card).facts).toEqual(['4.7 MB', '32 × 32 pixels', '8 × 8 tokens', '52 things']);
    expect(modelWords({ ...card, canPaint: false }).facts.at(-1)).toBe('reads and rebuilds pictures');
  });

  it('tells measured numbers as what they mean, as good or bad by their size', () => {
    const quality = {
      'class accuracy': 0.998,
      'weakest classes': 'lion 90%, fox 100%',
      'edit accuracy, boxes under 3/4 of the picture': 0.379,
      PSNR: 26.69,
    };
    const { good, bad } = modelWords({ ...card, quality });
    expect(good).toEqual([expect.stringMatching(/100 of 100 pictures are recognised.*least often: lion, 90 of 100/)]);
    expect(bad).toEqual([expect.stringContaining('38 of 100 small boxes'), expect.stringContaining('26.7 dB')]);
  });

  it('tells dents beside what is recognised', () => {
    const dented = modelWords({ ...card, quality: { 'class accuracy': 1, 'whole things': 0.744 } });
    expect(dented.good).toEqual([expect.stringContaining('100 of 100 pictures are recognised')]);
    expect(dented.bad).toEqual([expect.stringMatching(/^Dents: 26 of 100 things/)]);
    expect(modelWords({ ...card, quality: { 'whole things': 0.95 } }).good[0]).toMatch(/^Whole things: 95 of 100/);
    const mostly = { 'whole things': 0.95, 'whole things, rims clean': 0.9 };
    expect(modelWords({ ...card, quality: mostly }).good[0]).toMatch(/; beside 5 of them hangs a bit of their rim\.$/);
    const quality = { 'whole things': 0.847, 'whole things, rims clean': 0.778 };
    expect(modelWords({ ...card, quality }).bad[0]).toMatch(
      /^Dents: 15 of 100 .*; beside 7 more hangs a bit of their rim\.$/,
    );
  });

  it('tells how often a box holds the whole of a thing', () => {
    const words = (share: number) => modelWords({ ...card, quality: { 'whole things in boxes': share } });
    expect(words(0.62)).toMatchObject({ good: [], bad: [expect.stringMatching(/^Repainting: in 38 of 100 boxes/)] });
    expect(words(0.84)).toMatchObject({ bad: [], good: [expect.stringMatching(/^Repainting: 84 of 100 boxes/)] });
  });

  it('says first what is not right yet', () => {
    expect(modelWords({ ...card, early: 'faces melt.', quality: { PSNR: 20 } }).bad[0]).toBe('Early: faces melt.');
  });

  it('says nothing that was not measured', () => {
    expect(modelWords(card)).toMatchObject({ good: [], bad: [] });
  });
});
