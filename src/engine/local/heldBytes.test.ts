import { expect, it } from 'vitest';
import { HeldBytes } from './heldBytes.ts';

it('says the most that was in memory at once, each buffer once and until it is collected', () => {
  let collect: (sizeBytes: number) => void = () => {};
  const held = new HeldBytes((collected) => {
    collect = collected;
    return { register: () => {} };
  });
  const read = held.note(new Uint8Array(100));
  held.note(new Float32Array(read.buffer, 0, 4)); // another view of the same bytes
  expect(held.peakBytes).toBe(100);
  held.note(new Float32Array(10));
  expect(held.peakBytes).toBe(140);
  collect(100);
  held.note(new Uint8Array(50));
  expect(held.peakBytes).toBe(140);
  held.note(new Uint8Array(51));
  expect(held.peakBytes).toBe(141);
});

it('is told by the collector of the machine when a buffer is gone', async () => {
  const held = new HeldBytes();
  const atOnce = 8 * 2 ** 20;
  // Far more than is kept: without collection the peak would be all of it.
  for (let i = 0; i < 200; i++) {
    held.note(new Uint8Array(atOnce));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  expect(held.peakBytes).toBeLessThan(100 * atOnce);
});
