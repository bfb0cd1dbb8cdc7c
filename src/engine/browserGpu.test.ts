import { describe, expect, it } from 'vitest';
import { browserGpu } from './browserGpu.ts';
import { createEngine } from './engine.ts';

describe('a browser without a GPU for us', () => {
  it('is told apart: an insecure page, no WebGPU, no adapter', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    const opening = (scope: Parameters<typeof browserGpu>[0]) =>
      createEngine({ gpu: async () => browserGpu(scope), sourceOf: () => expect.unreachable() }).open();
    const insecure = opening({ isSecureContext: false, navigator: {} });
    await expect(insecure).rejects.toMatchObject({ name: 'InsecurePage', message: expect.stringMatching(/https/) });
    await expect(opening({ isSecureContext: true, navigator: {} })).rejects.toMatchObject({ name: 'NoWebGpu' });
    await expect(opening({ isSecureContext: true, navigator: { gpu } })).rejects.toMatchObject({ name: 'NoAdapter' });
  });

  it('is asked again by the next call, so that a repaired one is found', async () => {
    let asked = 0;
    const gpu = async (): Promise<GPU> => (asked++, browserGpu({ isSecureContext: true, navigator: {} }));
    const engine = createEngine({ gpu, sourceOf: () => expect.unreachable() });
    for (let i = 0; i < 2; i++) await expect(engine.open()).rejects.toMatchObject({ name: 'NoWebGpu' });
    expect(asked).toBe(2);
  });
});
