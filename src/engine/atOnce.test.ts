import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../core/config.ts';
import { MASK } from '../core/grid.ts';
import { defaultSettings } from '../core/request.ts';
import { plainCapabilities } from '../program/capabilities.ts';
import { officialConfig } from '../testing/officialConfig.ts';
import { toyConfig } from '../testing/toyModel.ts';
import { MOST_PICTURES, picturesAtOnce, picturesThatFit, rowsOfBatch } from './atOnce.ts';

const gpu = plainCapabilities;
/** A network whose logits are the largest thing in a step: rows × pictures × positions × codebook × 4 bytes. */
const wide = (codebook: number): ModelConfig => {
  const { transformer, ...rest } = officialConfig(512);
  return { ...rest, transformer: { ...transformer, layers: 1, width: 64, heads: 2, mlp: 64, codebook } };
};

describe('how many pictures are painted together', () => {
  it('is the most on a GPU that holds them, at the official sizes too', () => {
    for (const config of [toyConfig, officialConfig(256), officialConfig(512)]) {
      expect(picturesAtOnce({ config, target: gpu }, 2)).toBe(MOST_PICTURES);
    }
  });

  it('is one on a software adapter, which could hold more', () => {
    const place = { config: toyConfig, target: { ...gpu, isFallback: true } };
    expect(picturesAtOnce(place, 2)).toBe(1);
    expect(picturesThatFit(place, 2)).toBe(MOST_PICTURES);
  });

  it('is what fits into one binding, and into one buffer', () => {
    // 2 rows × 1024 positions × 4096 codes are 32 MiB a picture: three of them where 100 MiB are bound, two where 80 are held.
    const bound = { ...gpu, maxStorageBufferBindingBytes: 100 * 2 ** 20 };
    const held = { ...gpu, maxBufferBytes: 80 * 2 ** 20 };
    expect(picturesThatFit({ config: wide(4096), target: bound }, 2)).toBe(3);
    expect(picturesThatFit({ config: wide(4096), target: held }, 2)).toBe(2);
    expect(picturesThatFit({ config: wide(4096), target: bound }, 1)).toBe(4);
  });

  it('is what the arena has room for, however large a buffer may be', () => {
    const roomy = { ...gpu, maxBufferBytes: 2 ** 32, maxStorageBufferBindingBytes: 2 ** 32 };
    // 64 MiB a picture of logits, and half as much of guided ones: 96, of which 384 have room for three and little else.
    expect(picturesThatFit({ config: wide(8192), target: roomy }, 2)).toBe(3);
    expect(picturesThatFit({ config: wide(65_536), target: roomy }, 2)).toBe(1);
  });
});

describe('the rows of a batch', () => {
  const request = { classId: 1, settings: defaultSettings, pictures: [{ seed: 1 }, { seed: 2 }] };

  it('are a class that is painted each, and one for guidance', () => {
    expect(rowsOfBatch(request, toyConfig)).toBe(1);
    expect(rowsOfBatch({ ...request, settings: { ...defaultSettings, guidanceScale: 1 } }, toyConfig)).toBe(2);
    const classOfPosition = Int32Array.from({ length: 16 }, (_, p) => (p < 8 ? 0 : 2));
    expect(rowsOfBatch({ ...request, classOfPosition }, toyConfig)).toBe(2);
    const tokens = Int32Array.from({ length: 16 }, (_, p) => (p < 8 ? 3 : MASK));
    expect(rowsOfBatch({ ...request, classOfPosition, pictures: [{ seed: 1, tokens }] }, toyConfig)).toBe(1);
  });
});
