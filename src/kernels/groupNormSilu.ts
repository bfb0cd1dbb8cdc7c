import type { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { affineSilu } from './affineSilu.ts';
import { groupAffine } from './groupAffine.ts';
import { groupStats } from './groupStats.ts';
import type { Affine } from './layerNorm.ts';

/** The part of a configuration that a group norm needs. */
export interface GroupNormConfig {
  readonly groups: number;
  readonly groupEps: number;
}

/**
 * silu(groupNorm(x)) of x [height, width, channels], as a pass of its own rather than in the loader of the convolution
 * that follows: docs/decisions/0010-silu-in-its-own-pass.md.
 */
export function groupNormSilu(rec: Recorder, x: Tensor, norm: Affine, { groups, groupEps }: GroupNormConfig): Tensor {
  return affineSilu(rec, x, groupAffine(rec, groupStats(rec, x, groups), norm, groupEps));
}
