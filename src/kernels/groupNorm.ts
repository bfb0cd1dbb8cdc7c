import type { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { affine } from './affine.ts';
import { groupAffine } from './groupAffine.ts';
import { groupStats } from './groupStats.ts';
import type { Affine } from './layerNorm.ts';

/** The part of a configuration that a group norm needs. */
export interface GroupNormConfig {
  readonly groups: number;
  readonly groupEps: number;
}

/**
 * activation(groupNorm(x)) of x [height, width, channels], as a pass of its own rather than in the loader of the
 * convolution that follows: docs/decisions/0010-silu-in-its-own-pass.md.
 */
export function groupNorm(
  rec: Recorder,
  x: Tensor,
  norm: Affine,
  { groups, groupEps }: GroupNormConfig,
  activation: 'none' | 'silu',
): Tensor {
  return affine(rec, x, groupAffine(rec, groupStats(rec, x, groups), norm, groupEps), activation);
}
