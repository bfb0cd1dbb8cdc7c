import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../core/parseManifest.ts';
import { recordDecode, recordStep } from '../engine/programs.ts';
import { weightTypeOf } from '../engine/weightType.ts';
import { plainCapabilities, type Target } from '../program/capabilities.ts';
import { countsOf, wgslOf, type BenchResult, type ProgramCounts } from '../bench/measure.ts';

/** The last kept result of `unmask bench --model mini` on a software adapter. */
function lastResult(): BenchResult {
  const folder = new URL('../../bench/results/', import.meta.url);
  const results = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as BenchResult & { model?: string });
  const last = results.findLast(({ model, adapter }) => model === 'mini' && adapter?.isFallback);
  if (last === undefined) throw new Error('bench/results has no result of mini on a software adapter');
  return last;
}

/** How much more than the last result a counter may be before somebody must look. Times are never compared. */
const margins: Readonly<Record<keyof ProgramCounts, number>> = {
  dispatches: 1.1,
  operations: 1.05,
  // Counts bindings that a variant does not read, too.
  boundBytes: 1.5,
  scratchBytes: 1.1,
  unsharedScratchBytes: 1.25,
};
const wgslMargin = 1.3;

describe('what a picture takes does not grow unseen', () => {
  const last = lastResult();
  const json: unknown = JSON.parse(
    readFileSync(new URL('../../public/models/mini/model.json', import.meta.url), 'utf8'),
  );
  const manifest = parseManifest(json, 'model.json');
  const { config, sampler } = manifest;
  const target: Target = { ...plainCapabilities, isFallback: true, weights: weightTypeOf(manifest) };
  const rows = sampler.guidanceScale > 0 ? 2 : 1;
  const step = recordStep(config, target, { rows, noise: 'generated' }).program;
  const decode = recordDecode(config, target).program;

  it.each([
    ['step', countsOf(step), last.step],
    ['decode', countsOf(decode), last.decode!],
  ])('since the last bench result: a %s', (_, now, before) => {
    for (const [name, margin] of Object.entries(margins)) {
      const [is, was] = [now[name as keyof ProgramCounts], before[name as keyof ProgramCounts]];
      const advice = `${name} were ${was}; if they should be more, keep a new result: unmask bench --json bench/results/…`;
      expect(is, advice).toBeLessThanOrEqual(was * margin);
      expect(is).toBeGreaterThan(0);
    }
  });

  it('since the last bench result: shaders', () => {
    const { bytes } = wgslOf([step, decode]);
    expect(bytes, `bytes of WGSL were ${last.wgsl.bytes}`).toBeLessThanOrEqual(last.wgsl.bytes * wgslMargin);
  });

  it('and that result is of one pass and one submit a step, with nothing created', () => {
    const { steps, passes, submits, createdObjects } = last.run;
    expect([passes, submits, createdObjects]).toEqual([steps + 1, steps + 1, 0]); // and one for the decode
  });
});
