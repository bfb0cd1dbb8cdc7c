import stepParamsSource from '#shaders/lib/stepParams.wgsl?raw';
import source from '#shaders/guide.wgsl?raw';
import { STEP_PARAM_WORDS } from '../core/stepParams.ts';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const guideKernel = defineKernel({
  name: 'guide',
  source: stepParamsSource + source,
  buffers: { stepParams: 'read', logits: 'read', places: 'read', rowOfPosition: 'read', y: 'read_write' },
  params: { rows: 'u32', entries: 'u32', codebook: 'u32' },
  rows: 'entries',
  workgroups: ({ entries, codebook }) => [Math.ceil(codebook / 64), entries],
  operations: ({ entries, codebook }) => 3 * entries * codebook,
});

/** What guidance needs besides the logits. */
export interface GuideInputs {
  /** [STEP_PARAM_WORDS] u32, packed by core/stepParams.ts. */
  readonly stepParams: Tensor;
  /** [entries] i32, the positions of the logits; -1 behind the last. */
  readonly places: Tensor;
  /** [positions] i32, the row of logits that each position reads. */
  readonly rowOfPosition: Tensor;
}

/** Logits [entries, rows, codebook] of several classes → [entries, codebook] of each position's class, guided. */
export function guide(rec: Recorder, logits: Tensor, { stepParams, places, rowOfPosition }: GuideInputs): Tensor {
  const [entries, rows, codebook] = expectShape(logits, ['entries', 'rows', 'codebook']) as [number, number, number];
  expectShape(stepParams, [STEP_PARAM_WORDS]);
  expectShape(places, [entries]);
  expectShape(rowOfPosition, ['positions']);
  const y = rec.scratch(`${logits.label}.guided`, [entries, codebook]);
  rec.run(guideKernel, { stepParams, logits, places, rowOfPosition, y }, { rows, entries, codebook });
  return y;
}
