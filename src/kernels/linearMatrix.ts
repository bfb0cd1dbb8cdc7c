import activationSource from '#shaders/lib/activation.wgsl?raw';
import matrixSource from '#shaders/lib/subgroupMatrix.wgsl?raw';
import source from '#shaders/linearMatrix.wgsl?raw';
import type { SubgroupMatrix, Target } from '../program/capabilities.ts';
import type { Product } from '../program/kernel.ts';
import { forStoredWeights } from './storedWeights.ts';

/** Rows and columns of a workgroup, and of each of its subgroups. */
const TILE = 64;
const SHARES = 4;
const SHARE = 32;
const SLAB = 32;

/** How matrices are multiplied: by the adapter, or, in tests, by a text that does the same anywhere. */
export interface MatrixText {
  readonly enables: string;
  readonly source: string;
  /** What becomes of the kernel's own text. */
  readonly adapt?: (source: string) => string;
}
const native: MatrixText = {
  enables: 'enable chromium_experimental_subgroup_matrix;\nenable f16;\n',
  source: matrixSource,
};

/** The product of linear.ts through matrices of this shape, once for each way in which weights may be stored. */
export function linearMatrixFor(matrix: SubgroupMatrix, text = native) {
  const { rows, columns, terms, lanes, isExact } = matrix;
  const shape = { matrixRows: rows, matrixCols: columns, matrixTerms: terms, lanes };
  const constants = Object.entries(shape).map(([name, value]) => `const ${name} = ${value}u;\n`);
  const sized = isExact ? source.replace('@compute', '@compute @subgroup_size(lanes)') : source;
  const own = text.adapt?.(sized) ?? sized;
  return forStoredWeights(
    {
      name: `linearMatrix ${rows} × ${columns} × ${terms} of ${lanes}`,
      formula: 'linearMatrix',
      source: activationSource + constants.join('') + text.source + own,
      buffers: { x: 'read', weight: 'read', columnScale: 'read', bias: 'read', residual: 'read', y: 'read_write' },
      params: { rows: 'u32', inWidth: 'u32', outWidth: 'u32' },
      rows: 'rows',
      constants: ['activation', 'isScaled', 'hasBias', 'hasResidual'],
      product: ({ rows: r, inWidth, outWidth }): Product => ({
        kind: 'linear',
        rows: r,
        terms: inWidth,
        columns: outWidth,
      }),
      operations: ({ rows: r, inWidth, outWidth }) => 2 * r * inWidth * outWidth,
      workgroups: ({ rows: r, outWidth }) => [Math.ceil(outWidth / TILE), Math.ceil(r / TILE)],
    },
    `${text.enables}enable subgroups;\n${isExact ? 'enable subgroup_size_control;\n' : ''}`,
  );
}

const made = new Map<string, ReturnType<typeof linearMatrixFor>>();

/** The same kernels for the same shape, so that their pipelines are shared. */
export function linearMatrix(matrix: SubgroupMatrix): ReturnType<typeof linearMatrixFor> {
  const key = JSON.stringify(matrix);
  const kernels = made.get(key) ?? linearMatrixFor(matrix);
  made.set(key, kernels);
  return kernels;
}

/** Whether the device has the matrices, threads and workgroup memory. */
export function fitsMatrix({ subgroupMatrix, maxInvocationsPerWorkgroup, maxWorkgroupStorageBytes }: Target): boolean {
  if (subgroupMatrix === undefined) return false;
  const { rows, columns, terms, lanes } = subgroupMatrix;
  const halves = TILE * (SLAB + 8) + SLAB * (TILE + 8);
  const bytes = 2 * halves + 4 * SHARES * rows * columns; // as in the kernel
  return (
    SHARE % rows === 0 &&
    SHARE % columns === 0 &&
    columns % 4 === 0 &&
    SLAB % terms === 0 &&
    SHARES * lanes <= maxInvocationsPerWorkgroup &&
    bytes <= maxWorkgroupStorageBytes
  );
}
