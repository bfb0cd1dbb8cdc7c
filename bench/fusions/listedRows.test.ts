import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MASK, positionCount } from '../../src/core/grid.ts';
import { parseManifest } from '../../src/core/parseManifest.ts';
import { defaultSettings } from '../../src/core/request.ts';
import { start, stepCounts } from '../../src/core/sampler.ts';
import { packStepParams, stepParamsOf } from '../../src/core/stepParams.ts';
import { recordStep } from '../../src/engine/programs.ts';
import { ModelMemory } from '../../src/gpu/memory.ts';
import { compile } from '../../src/gpu/plan.ts';
import type { Program } from '../../src/program/program.ts';
import { officialConfig } from '../../src/testing/officialConfig.ts';
import { testDevice } from '../../src/testing/device.ts';
import { normal } from '../../src/testing/values.ts';
import { inTurns, keep } from './inTurns.ts';

const settings = { ...defaultSettings, steps: 8 };
const manifestFile = new URL('../../public/models/mini/model.json', import.meta.url);
const mini = parseManifest(JSON.parse(readFileSync(manifestFile, 'utf8')), 'model.json').config;

/** Operations of a step that knows of so many masked places. */
function operationsOf({ calls }: Program, entries: number): number {
  return calls.reduce((sum, { kernel, params, rowsAnEntry }) => {
    const { rows } = kernel;
    const cut = rows && rowsAnEntry ? { ...params, [rows]: Math.min(params[rows]!, rowsAnEntry * entries) } : params;
    return sum + (kernel.operations?.(cut) ?? 0);
  }, 0);
}

/** Tokens of which the first are unknown. */
function tokensWith(unknown: number, positions: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: positions }, (_, p) => (p < unknown ? MASK : 0));
}

describe('the last layer and the head of masked positions only', () => {
  it.each([
    { what: 'a picture', unknown: 64 },
    { what: 'an edit of 4 × 4 tokens', unknown: 16 },
  ])('mini, guided, 8 steps: $what', async ({ what, unknown }) => {
    const { device, capabilities } = await testDevice();
    const memory = new ModelMemory(device, capabilities);
    const { program, tensors } = recordStep(mini, capabilities, { rows: 2, noise: 'generated' });
    const { plan } = await compile(memory, { plan: program });
    const weights = program.tensors.filter(({ role }) => role === 'weight');
    weights.forEach((weight, i) => memory.write(weight, normal(weight.shape, i, 0.05)));
    memory.write(tensors.classes, Int32Array.of(3, -1));
    const counts = stepCounts(settings, start(settings, tokensWith(unknown, 64)), mini.grid);
    const paint = (isCut: boolean): void => {
      for (const { step, unknown } of counts) {
        memory.write(tensors.tokens, tokensWith(unknown, 64));
        const address = { seed: 1, step, masked: unknown, nullRow: 1 };
        memory.write(tensors.stepParams, packStepParams(stepParamsOf({ ...settings, guidanceScale: 1 }, address)));
        plan.run(undefined, isCut ? { entries: unknown } : {});
      }
    };
    const taken = await inTurns({ all: () => paint(false), masked: () => paint(true) });
    const ratio = taken.masked.processorMs / taken.all.processorMs;
    const [all, masked] = [64, 0].map((least) =>
      counts.reduce((sum, count) => sum + operationsOf(program, Math.max(least, count.unknown)), 0),
    );
    await keep(`listed rows, ${what}`, { ...taken, ratio, operations: masked! / all! });
    memory.destroy();
    expect(masked).toBeLessThan(all!);
  });

  it('at official sizes, by operations', async () => {
    for (const size of [256, 512]) {
      const config = officialConfig(size);
      const positions = positionCount(config.grid);
      const { program } = recordStep(config, (await testDevice()).capabilities, { rows: 1, noise: 'generated' });
      const shareOf = (unknown: number): number => {
        const counts = stepCounts(settings, start(settings, tokensWith(unknown, positions)), config.grid);
        const sum = (entries: (unknown: number) => number): number =>
          counts.reduce((total, count) => total + operationsOf(program, entries(count.unknown)), 0);
        return sum((unknown) => unknown) / sum(() => positions);
      };
      const shares = { picture: shareOf(positions), quarter: shareOf(positions / 4) };
      await keep(`listed rows, official ${size}`, shares);
      expect(shares.quarter).toBeLessThan(shares.picture);
    }
  });
});
