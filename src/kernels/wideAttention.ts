import type { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { linear } from './linear.ts';
import { scores } from './scores.ts';
import { softmaxRows } from './softmaxRows.ts';

/**
 * Attention with a single head of any width over few positions, each [positions, width] → [positions, width]. The
 * shares of all pairs are stored, positions² · 4 bytes: 256 KiB for 16 × 16, 4 MiB for 32 × 32. `attention` stores
 * none and ends at a head width of 128.
 */
export function wideAttention(
  rec: Recorder,
  { query, key, value }: { readonly query: Tensor; readonly key: Tensor; readonly value: Tensor },
): Tensor {
  return linear(rec, softmaxRows(rec, scores(rec, query, key)), { weight: value });
}
