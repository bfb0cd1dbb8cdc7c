import { describe, expect, it } from 'vitest';
import { suitableModel, type ModelCard } from './modelCard.ts';

const card = (id: string, pictureSize: number, sizeBytes: number, canPaint = true): ModelCard => ({
  id,
  name: id,
  summary: '',
  licence: { name: 'MIT', attribution: '' },
  pictureSize,
  grid: { rows: 8, cols: 8 },
  classes: 3,
  canPaint,
  canRead: true,
  sizeBytes,
  quality: {},
});
const mini = card('mini', 32, 5e6);
const worlds = card('worlds-128', 128, 60e6);
const reader = card('reader', 512, 90e6, false);

describe('the model that suits a device', () => {
  it('is the one with the largest pictures on a graphics card', () => {
    expect(suitableModel([reader, worlds, mini], false)).toEqual({ card: worlds, reason: 'graphics card' });
    expect(suitableModel([mini, card('lighter', 128, 20e6), worlds], false)!.card.id).toBe('worlds-128');
  });

  it('is never one that is early, though it is offered', () => {
    const early = { ...worlds, early: 'Faces melt.' };
    expect(suitableModel([mini, early], false)).toEqual({ card: mini, reason: 'only' });
    expect(suitableModel([early], false)).toBeUndefined();
  });

  it('is the quickest in software, and where nobody knows', () => {
    expect(suitableModel([worlds, mini], true)).toEqual({ card: mini, reason: 'no graphics card' });
    expect(suitableModel([worlds, mini], undefined)!.card.id).toBe('mini');
  });

  it('is the only one that can paint, or none', () => {
    expect(suitableModel([reader, mini], true)).toEqual({ card: mini, reason: 'only' });
    expect(suitableModel([reader], false)).toBeUndefined();
  });
});
