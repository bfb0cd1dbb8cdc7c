import activationSource from '#shaders/lib/activation.wgsl?raw';
import productSource from '#shaders/lib/rowProduct.wgsl?raw';
import source from '#shaders/rowLinear.wgsl?raw';
import byBlockSource from '#shaders/rowLinearByBlock.wgsl?raw';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { activationNumber } from './activation.ts';
import { linear, type Dense, type LinearEpilogue } from './linear.ts';
import { forStoredWeights, optionalParts } from './storedWeights.ts';

/** What both variants share. */
const declaration = {
  buffers: { x: 'read', weight: 'read', columnScale: 'read', bias: 'read', residual: 'read', y: 'read_write' },
  params: { rows: 'u32', inWidth: 'u32', outWidth: 'u32' },
  constants: ['activation', 'isScaled', 'hasBias', 'hasResidual', 'isPair'],
  operations: ({ rows, inWidth, outWidth }: Record<string, number>) => 2 * rows! * inWidth! * outWidth!,
} as const;

const rowLinearKernel = forStoredWeights({
  ...declaration,
  name: 'rowLinear',
  source: activationSource + productSource + source,
  workgroups: ({ rows, outWidth }) => [Math.ceil(outWidth / 32), Math.ceil(rows / 2)],
});

/** The same for adapters whose barriers are dear. */
const rowLinearByBlock = forStoredWeights({
  ...declaration,
  name: 'rowLinearByBlock',
  source: activationSource + productSource + byBlockSource,
  workgroups: ({ rows, outWidth }) => [Math.ceil(outWidth / 64), Math.ceil(rows / 2)],
});

/** `linear` for a row or two, where reading the weights is all the work. */
export function rowLinear(rec: Recorder, x: Tensor, dense: Dense, epilogue: LinearEpilogue = {}): Tensor {
  const { weight, columnScale, bias } = dense;
  const { activation = 'none', residual } = epilogue;
  const [rows, inWidth] = expectShape(x, ['rows', 'inWidth']) as [number, number];
  const [, outWidth] = expectShape(weight, [inWidth, 'outWidth']) as [number, number];
  if (outWidth % 4 !== 0) return linear(rec, x, dense, epilogue);
  for (const vector of [bias, columnScale]) if (vector) expectShape(vector, [outWidth]);
  if (residual) expectShape(residual, [rows, outWidth]);
  const y = rec.scratch(weight.label.replace(/\/kernel$/, ''), [rows, outWidth]);
  const { bound, flags } = optionalParts(weight, { columnScale, bias, residual });
  const kernel = rec.capabilities.isFallback ? rowLinearByBlock : rowLinearKernel;
  const constants = { activation: activationNumber(activation), ...flags, isPair: rows > 1 ? 1 : 0 };
  rec.run(kernel(weight), { x, weight, ...bound, y }, { rows, inWidth, outWidth }, constants);
  return y;
}
