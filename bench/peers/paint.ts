import { blankTokens } from '../../src/core/grid.ts';
import { classRows, guidanceAt, guide, withoutNullRow } from '../../src/core/guidance.ts';
import { isDone, sampleStep, start } from '../../src/core/sampler.ts';
import type { Painted, Runtime } from './runtimes/runtime.ts';
import type { SharedDevice } from './sharedDevice.ts';
import type { PeerModel } from './weights.ts';

/**
 * The sampling loop for a runtime that has none: logits are read back after every step, and the step is that of
 * src/core/sampler.ts. Steps in which guidance has no weight run one sequence, as in our engine.
 */
export async function painter(
  shared: SharedDevice,
  networks: NonNullable<Runtime['networks']>,
  model: PeerModel,
): Promise<(seed: number, classId: number) => Promise<Painted>> {
  const { config, manifest } = model;
  const settings = manifest.sampler;
  const steps = [
    await networks.step(model, 1, 'changing input'),
    settings.guidanceScale > 0 ? await networks.step(model, 2, 'changing input') : undefined,
  ];
  const decode = await networks.decode(model, 'changing input');
  const { codebook } = config.transformer;
  return async (seed, classId) => {
    let state = start(settings, blankTokens(config.grid));
    const rows = classRows({ classId, seed, settings }, state.tokens);
    while (!isDone(state, settings)) {
      const scale = guidanceAt(settings, state.step);
      const wanted = (scale === 0 && withoutNullRow(rows)) || rows;
      const step = steps[wanted.classes.length - 1]!;
      step.write(state.tokens, wanted.classes);
      await step.submit();
      const logits = guide(await step.read(), wanted, codebook, scale);
      state = sampleStep({ settings, seed, grid: config.grid, codebook }, state, logits).state;
    }
    decode.write(state.tokens);
    await decode.submit();
    await shared.settle();
    return { tokens: state.tokens, pixels: await decode.read() };
  };
}
