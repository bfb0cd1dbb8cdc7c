import { describe, expect, it } from 'vitest';
import { parseRecord, withProducts } from './tuningRecord.ts';

const times = { 'linear 1 × 2 × 4 f32': { registers: 0.5, '64 × 64': 0.25 } };

describe('the record of measurements', () => {
  it('keeps adapters apart, and the newest of them', () => {
    let text = withProducts({}, 'v', 'first', times);
    for (const name of ['b', 'c', 'first', 'd', 'e']) {
      text = withProducts(parseRecord(text, 'v'), 'v', name, times);
    }
    expect(Object.keys(parseRecord(text, 'v'))).toEqual(['c', 'first', 'd', 'e']);
    expect(parseRecord(text, 'v')['d']).toEqual(times);
    const without = withProducts(parseRecord(text, 'v'), 'v', 'd', {});
    expect(Object.keys(parseRecord(without, 'v'))).toEqual(['c', 'first', 'e']);
  });

  it('counts no more once the kernels have changed', () => {
    expect(parseRecord(withProducts({}, 'old', 'a', times), 'new')).toEqual({});
  });

  it.each([
    undefined,
    '',
    'null',
    '7',
    '{"version":"v"}',
    '{"version":"v","adapters":[1]}',
    '{"version":"v","adapters":{"a":7,"b":{"p":null,"q":{"registers":"fast","64 × 64":-1,"9 × 9":1}}}}',
  ])('takes nothing from junk: %s', (text) => {
    expect(Object.values(parseRecord(text, 'v')).flatMap((products) => Object.keys(products))).toEqual([]);
  });
});
