import { describe, expect, it } from 'vitest';
import { readNumber } from './readNumber.ts';

const steps = { min: 1, max: 64, whole: true };
const read = (text: string, range = steps) => readNumber(text, 'Steps', range);

describe('readNumber', () => {
  it('takes what fits without a word', () => {
    expect(read('12')).toEqual({ value: 12, text: '12', note: '' });
    expect(read('0,5', { min: 0, max: 10, whole: false })).toMatchObject({ value: 0.5, note: '' });
  });

  it('corrects what is too much at once and says so', () => {
    expect(read('640')).toEqual({ value: 64, text: '64', note: 'Steps goes up to 64; 64 it is.' });
    expect(read('Infinity')).toMatchObject({ value: 64 });
  });

  it('uses the least for what is too little, and lets more digits follow', () => {
    expect(read('0')).toMatchObject({ value: 1, text: '0' });
    expect(read('0').note).toContain('1');
  });

  it('rounds what must be whole', () => {
    expect(read('3.7')).toMatchObject({ value: 4 });
  });

  it.each(['', ' ', '-', 'many', 'NaN'])('changes nothing while the text is “%s”, and says what it needs', (text) => {
    expect(read(text).value).toBeUndefined();
    expect(read(text).note).toContain('1 to 64');
  });
});
