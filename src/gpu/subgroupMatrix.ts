import type { SubgroupMatrix } from '../program/capabilities.ts';

/** With it a kernel says how many lanes its subgroups have. */
export const SUBGROUP_SIZE = 'subgroup-size-control' as GPUFeatureName;
/** The experimental feature as Chromium calls it, behind a flag; types know nothing of it yet. */
export const SUBGROUP_MATRIX = 'chromium-experimental-subgroup-matrix' as GPUFeatureName;

/** A shape that an adapter's matrices come in, as Chromium reports it. */
interface MatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** Most subgroups have so many lanes, where one can ask for them. */
const USUAL_LANES = 32;

/** The largest shape with f16 operands and sums in f32; undefined where there is none, or half floats are missing. */
export function subgroupMatrixOf({ features, info }: GPUAdapter): SubgroupMatrix | undefined {
  if (!features.has(SUBGROUP_MATRIX) || !features.has('shader-f16')) return undefined;
  const {
    subgroupMatrixConfigs: configs = [],
    subgroupMinSize,
    subgroupMaxSize,
  } = info as GPUAdapterInfo & {
    readonly subgroupMatrixConfigs?: readonly MatrixConfig[];
  };
  const [largest] = configs
    .filter((config) => config.componentType === 'f16' && config.resultComponentType === 'f32')
    .toSorted((a, b) => b.M * b.N * b.K - a.M * a.N * a.K);
  if (largest === undefined) return undefined;
  const isExact = features.has(SUBGROUP_SIZE);
  const lanes = isExact ? Math.min(Math.max(USUAL_LANES, subgroupMinSize), subgroupMaxSize) : subgroupMaxSize;
  return { rows: largest.M, columns: largest.N, terms: largest.K, lanes, isExact };
}
