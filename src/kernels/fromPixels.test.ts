import { describe, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { fromPixels } from './fromPixels.ts';
import * as references from './fromPixels.ref.ts';

describe('fromPixels', () => {
  it.each([
    { height: 1, width: 1, why: 'a single pixel' },
    { height: 3, width: 5, why: 'odd sides' },
    { height: 257, width: 1, why: 'every byte, one pixel more than threads' },
  ])('agrees with the reference on $height × $width: $why', async ({ height, width }) => {
    const rec = new Recorder();
    const pixels = rec.state('pixels', [height, width], 'u32');
    const image = fromPixels(rec, pixels);
    const bytes = Uint32Array.from({ length: height * width }, (_, i) => 0x9e3779b9 * i + (i & 255));
    await expectAgreement(rec, references, new Map([[pixels, bytes]]), [image], { abs: 0, rel: 2e-7 });
  });
});
