import type { TransformerConfig } from '../../core/config.ts';
import type { Activation } from '../../kernels/activation.ts';
import type { Affine } from '../../kernels/layerNorm.ts';
import type { Dense } from '../../kernels/linear.ts';
import { matrix } from '../../kernels/storedWeights.ts';
import type { Recorder } from '../../program/program.ts';

/** The matrix and, unless there is none, the shift of this name. */
export function dense(rec: Recorder, name: string, inWidth: number, outWidth: number, hasBias = true): Dense {
  return {
    ...matrix(rec, `${name}/kernel`, [inWidth, outWidth]),
    ...(hasBias && { bias: rec.weight(`${name}/bias`, [outWidth]) }),
  };
}

/** Several products of the same rows as one, of this name: their columns side by side. */
export function denseColumns(
  rec: Recorder,
  name: string,
  parts: readonly string[],
  [inWidth, outWidth]: readonly [inWidth: number, outWidth: number],
  hasBias = true,
): Dense {
  const [cols, names] = [parts.length * outWidth, (kind: string) => parts.map((part) => `${part}/${kind}`)];
  return {
    ...matrix(rec, `${name}/kernel`, [inWidth, cols], { kind: 'columns', names: names('kernel') }),
    ...(hasBias && { bias: rec.weight(`${name}/bias`, [cols], { kind: 'columns', names: names('bias') }) }),
  };
}

export function affine(rec: Recorder, name: string, width: number): Affine {
  return { scale: rec.weight(`${name}/scale`, [width]), bias: rec.weight(`${name}/bias`, [width]) };
}

export function gelu(config: TransformerConfig): Activation {
  return config.gelu === 'tanh' ? 'geluTanh' : 'geluErf';
}
