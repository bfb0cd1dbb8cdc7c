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
  params: { rows: 'u32', entries: 'u32', pictures: 'u32', codebook: 'u32' },
  rows: 'entries',
  workgroups: ({ entries, pictures, codebook }) => [Math.ceil(codebook / 64), entries, pictures],
  operations: ({ entries, pictures, codebook }) => 3 * entries * pictures * codebook,
});

/** What guidance needs besides the logits. */
export interface GuideInputs {
  /** [pictures, STEP_PARAM_WORDS] u32, packed by core/stepParams.ts. */
  readonly stepParams: Tensor;
  /** [entries, pictures] i32, the positions of the logits; -1 behind the last. */
  readonly places: Tensor;
  /** [positions] i32, the row of logits that each position reads. */
  readonly rowOfPosition: Tensor;
}

/**
 * Logits [entries, rows · pictures, codebook] of several classes, the pictures in turn → [entries · pictures, codebook] of
 * each position's class, guided.
 */
export function guide(rec: Recorder, logits: Tensor, { stepParams, places, rowOfPosition }: GuideInputs): Tensor {
  const shape = expectShape(logits, ['entries', 'sequences', 'codebook']) as [number, number, number];
  const [entries, sequences, codebook] = shape;
  const [pictures] = expectShape(stepParams, ['pictures', STEP_PARAM_WORDS]) as [number];
  expectShape(places, [entries, pictures]);
  expectShape(rowOfPosition, ['positions']);
  const rows = sequences / pictures;
  if (!Number.isInteger(rows)) throw new Error(`${logits.label}: ${sequences} rows are not of ${pictures} pictures`);
  const y = rec.scratch(`${logits.label}.guided`, [entries * pictures, codebook]);
  const params = { rows, entries, pictures, codebook };
  rec.run(guideKernel, { stepParams, logits, places, rowOfPosition, y }, params);
  return y;
}
