import type { ModelConfig } from '../core/config.ts';
import { positionCount } from '../core/grid.ts';
import {
  maskedPlaces,
  samplerStep,
  samplerTensors,
  type NoiseSource,
  type SamplerTensors,
} from '../kernels/samplerStep.ts';
import { transformer } from '../models/transformer.ts';
import { decoder, encoder, quantise } from '../models/vqgan.ts';
import type { Target } from '../program/capabilities.ts';
import { Recorder, type Program } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';

/** A program and its tensors that the host writes or reads. */
export interface Recorded<T> {
  readonly program: Program;
  readonly tensors: T;
}

export interface StepTensors extends SamplerTensors {
  /** [rows · pictures] i32: the class of each row of logits, `ClassRows.classes`, once for each picture. */
  readonly classes: Tensor;
}

/** What a step is recorded for. */
export interface StepShape {
  /** Rows of logits a picture: classes, and "no class" for guidance. */
  readonly rows: number;
  readonly noise: NoiseSource;
  /** How many pictures are painted together; 1 when absent. */
  readonly pictures?: number;
}

/**
 * One sampling step: logits of every masked place for every row, guidance, draw, remask. Replayed with the number of masked
 * places of a picture. Sequences are the rows, in each of which the pictures take turns.
 */
export function recordStep(
  config: ModelConfig,
  target: Target,
  { rows, noise, pictures = 1 }: StepShape,
): Recorded<StepTensors> {
  const rec = new Recorder(pictures === 1 ? target : { ...target, pictures });
  const { codebook } = config.transformer!;
  const sequences = rows * pictures;
  const sampler = samplerTensors(rec, { positions: positionCount(config.grid), codebook, pictures }, noise);
  const classes = rec.state(`classes of ${sequences}`, [sequences], 'i32');
  const places = maskedPlaces(rec, sampler);
  const inputs = { tokens: sampler.tokens, classes };
  const logits = transformer(rec, inputs, config.transformer!, { sequences, grid: config.grid, places });
  samplerStep(rec, logits, places, sampler);
  const name = `step of ${rows} rows${pictures === 1 ? '' : ` of ${pictures} pictures`}`;
  return { program: rec.finish(name), tensors: { ...sampler, classes } };
}

export interface LogitsTensors {
  /** [positions] i32, MASK allowed. */
  readonly tokens: Tensor;
  /** [1] i32 */
  readonly classes: Tensor;
  /** [1, positions, codebook] f32 */
  readonly logits: Tensor;
}

/** The logits of one class. */
export function recordLogits(config: ModelConfig, target: Target): Recorded<LogitsTensors> {
  const rec = new Recorder(target);
  const tokens = rec.state('tokens', [positionCount(config.grid)], 'i32');
  const classes = rec.state('classes of 1', [1], 'i32');
  const batch = { sequences: 1, grid: config.grid };
  const logits = rec.keep(transformer(rec, { tokens, classes }, config.transformer!, batch));
  return { program: rec.finish('logits'), tensors: { tokens, classes, logits } };
}

export interface DecodeTensors {
  /** [positions] i32, no MASK. */
  readonly codes: Tensor;
  /** [size, size, 3] f32, not clipped. */
  readonly pixels: Tensor;
}

/** Codes to pixels. */
export function recordDecode(config: ModelConfig, target: Target): Recorded<DecodeTensors> {
  const rec = new Recorder(target);
  const codes = rec.state('codes', [config.grid.rows, config.grid.cols], 'i32');
  const pixels = rec.keep(decoder(rec, codes, config.tokenizer!));
  return { program: rec.finish('decode'), tensors: { codes, pixels } };
}

export interface EncodeTensors {
  /** [size, size, 3] f32, 0 to 1. */
  readonly pixels: Tensor;
  /** [rows, cols, embedding] f32 */
  readonly latent: Tensor;
  /** [rows, cols] i32 */
  readonly codes: Tensor;
}

/** Pixels to the latent and its nearest codes. */
export function recordEncode(config: ModelConfig, target: Target): Recorded<EncodeTensors> {
  const rec = new Recorder(target);
  const { size } = config.image;
  const pixels = rec.state('picture', [size, size, 3], 'f32');
  const latent = rec.keep(encoder(rec, pixels, config.tokenizer!));
  const { tokens } = quantise(rec, latent, config.tokenizer!);
  return { program: rec.finish('encode'), tensors: { pixels, latent, codes: rec.keep(tokens) } };
}
