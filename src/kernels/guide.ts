import stepParamsSource from '#shaders/lib/stepParams.wgsl?raw';
import source from '#shaders/guide.wgsl?raw';
import { STEP_PARAM_WORDS } from '../core/stepParams.ts';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const guideKernel = defineKernel({
  name: 'guide',
  source: stepParamsSource + source,
  buffers: { stepParams: 'read', logits: 'read', rowOfPosition: 'read', y: 'read_write' },
  params: { rows: 'u32', positions: 'u32', codebook: 'u32' },
  workgroups: ({ positions, codebook }) => [Math.ceil(codebook / 64), positions],
  operations: ({ positions, codebook }) => 3 * positions * codebook,
});

/** What guidance needs besides the logits. */
export interface GuideInputs {
  /** [STEP_PARAM_WORDS] u32, packed by core/stepParams.ts. */
  readonly stepParams: Tensor;
  /** [positions] i32, the row of logits that each position reads. */
  readonly rowOfPosition: Tensor;
}

/** Logits [rows, positions, codebook] of several classes → [positions, codebook] of each position's class, guided. */
export function guide(rec: Recorder, logits: Tensor, { stepParams, rowOfPosition }: GuideInputs): Tensor {
  const [rows, positions, codebook] = expectShape(logits, ['rows', 'positions', 'codebook']) as [
    number,
    number,
    number,
  ];
  expectShape(stepParams, [STEP_PARAM_WORDS]);
  expectShape(rowOfPosition, [positions]);
  const y = rec.scratch(`${logits.label}.guided`, [positions, codebook]);
  rec.run(guideKernel, { stepParams, logits, rowOfPosition, y }, { rows, positions, codebook });
  return y;
}
