import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sha256 } from './sha256.ts';

describe('Sha256', () => {
  it('agrees with the vector of FIPS 180-4 for "abc"', () => {
    const digest = new Sha256().update(new TextEncoder().encode('abc')).hex();
    expect(digest).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])('agrees with Node for %i bytes', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 31);
    expect(new Sha256().update(bytes).hex()).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('does not care how the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (pieces) => {
        const whole = createHash('sha256');
        const ours = new Sha256();
        for (const piece of pieces) {
          whole.update(piece);
          ours.update(piece);
        }
        expect(ours.hex()).toBe(whole.digest('hex'));
      }),
      { numRuns: 50 },
    );
  });
});
