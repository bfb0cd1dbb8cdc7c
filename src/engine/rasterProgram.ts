import type { ModelConfig } from '../core/config.ts';
import { positionCount } from '../core/grid.ts';
import { STEP_PARAM_WORDS } from '../core/stepParams.ts';
import { drawNext, type RasterTensors } from '../kernels/drawNext.ts';
import { rasterAnew, rasterStep } from '../models/rasterTransformer.ts';
import type { Target } from '../program/capabilities.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Recorded } from './programs.ts';

export interface RasterStepTensors extends RasterTensors {
  /** [sequences] i32: the class, and NULL_CLASS behind it where the run is guided. */
  readonly classes: Tensor;
  /** [sequences, codebook] f32 */
  readonly logits: Tensor;
}

/** How a pass of the causal baseline comes to its logits. */
export interface RasterForm {
  /** 1, or 2 with guidance. */
  readonly sequences: number;
  /** See so many places once more instead of one and what is remembered: the pass for the position length − 1. */
  readonly length?: number;
}

/** One pass in raster order: logits of a place, guidance, draw. The position travels in `stepParams`. */
export function recordRasterStep(
  { transformer, grid }: ModelConfig,
  target: Target,
  { sequences, length }: RasterForm,
): Recorded<RasterStepTensors> {
  const rec = new Recorder(target);
  const positions = positionCount(grid);
  const tensors = {
    stepParams: rec.state('stepParams', [STEP_PARAM_WORDS], 'u32'),
    tokens: rec.state('tokens', [positions], 'i32'),
    logProb: rec.state('logProb', [positions], 'f32'),
    classes: rec.state(`classes of ${sequences}`, [sequences], 'i32'),
  };
  const logits = rec.keep(
    length === undefined
      ? rasterStep(rec, tensors, transformer!, grid)
      : rasterAnew(rec, tensors, transformer!, { grid, length }),
  );
  drawNext(rec, logits, tensors);
  const name = length === undefined ? 'raster step' : `raster step over ${length} places`;
  return { program: rec.finish(`${name} of ${sequences} sequences`), tensors: { ...tensors, logits } };
}
