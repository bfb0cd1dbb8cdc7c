import { describe, expect, it } from 'vitest';
import { defaultSettings, type GenerateRequest } from '../core/request.ts';
import { failureOf } from '../gpu/lost.ts';
import type { Capabilities } from '../program/capabilities.ts';
import { testDevice } from '../testing/device.ts';
import { serveFiles, toyConfig, toyFiles } from '../testing/toyModel.ts';
import { generateSteps } from './generate.ts';
import { httpSource } from './httpSource.ts';
import { loadSession } from './load.ts';

const stop = new AbortController().signal;
const request: GenerateRequest = {
  classId: 1,
  seed: 4,
  settings: { ...defaultSettings, steps: 6, guidanceScale: 1.5 },
};
/** Wide enough that products go through tiles. */
const config = {
  ...toyConfig,
  tokenizer: { ...toyConfig.tokenizer!, filters: 32 },
  transformer: { ...toyConfig.transformer!, width: 64, mlp: 128 },
};

/** The tokens after every step, and the pixels, of a model that is loaded for these capabilities; and its kernels. */
async function paint(part: Partial<Capabilities>) {
  const opened = await testDevice();
  const source = httpSource('https://models.example/toy/model.json', {
    fetch: serveFiles(toyFiles(config)),
    openStore: async () => undefined,
  });
  const target = { ...opened, capabilities: { ...opened.capabilities, ...part } };
  const { session } = await loadSession(target, failureOf(opened.device), source, { stop, ready: true });
  const tokens: number[][] = [];
  for await (const step of generateSteps(session, request, stop)) tokens.push([...step.tokens]);
  const pixels = await session.decode(Int32Array.from(tokens.at(-1)!));
  const { plan } = await session.step({ rows: 2, noise: 'generated' });
  const kernels = new Set(plan.program.calls.map(({ kernel }) => kernel.name));
  await session.destroy();
  return { tokens, pixels, kernels };
}

describe('the same seed', () => {
  it('paints the same picture with the kernels for software, for a GPU, and for a GPU with subgroups', async () => {
    const software = await paint({ isFallback: true });
    expect(software.kernels).toContain('attentionByBlock');
    for (const subgroups of [false, true]) {
      const hardware = await paint({ isFallback: false, subgroups });
      expect(hardware.kernels).toContain('linearTiled');
      expect(hardware.kernels).toContain(subgroups ? 'layerNorm.subgroups' : 'layerNorm');
      expect(hardware.tokens).toEqual(software.tokens);
      hardware.pixels.forEach((value, i) => expect(Math.abs(value - software.pixels[i]!)).toBeLessThan(1e-4));
    }
  });
});
