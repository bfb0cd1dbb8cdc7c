import type { Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import type { ModelConfig } from '../core/config.ts';
import { positionCount } from '../core/grid.ts';
import type { ModelManifest } from '../core/manifest.ts';
import { ModelMemory } from '../gpu/memory.ts';
import type { OpenDevice } from '../gpu/open.ts';
import { compile, type Plan } from '../gpu/plan.ts';
import { ReadbackRing } from '../gpu/readback.ts';
import type { Target } from '../program/capabilities.ts';
import type { Program } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Pixels } from './picture.ts';
import {
  recordDecode,
  recordEncode,
  recordLogits,
  recordStep,
  type Recorded,
  type StepShape,
  type StepTensors,
} from './programs.ts';
import { uploadWeights, wantedWeights } from './upload.ts';
import type { WeightReader } from './weights.ts';

/** A program on the device, with the tensors that the host writes and reads. */
export interface Part<T> {
  readonly plan: Plan;
  readonly tensors: T;
}
export type StepPart = Part<StepTensors>;

/** Most steps that may be submitted ahead of their results. */
export const MOST_STEPS_IN_FLIGHT = 16;

const never: Stop = { aborted: false, throwIfAborted() {} };

/**
 * A model on a device: its memory, and its programs, each compiled and given its weights when it is first wanted and
 * kept from then on. Owns the memory until `destroy`. One job at a time: the caller sees to that (engine.ts).
 */
export class Session {
  readonly manifest: ModelManifest;
  readonly memory: ModelMemory;
  readonly opened: OpenDevice;
  /** What the programs are recorded for. */
  readonly target: Target;
  /** How many steps are submitted ahead; set by the warm-up so that a stop is never far away. */
  stepsInFlight = 1;
  /** Most operations of a submit; set by the warm-up so that a slow GPU has time for the page in between. */
  mostOperations = Infinity;
  readonly #failure: Promise<never>;
  readonly #parts = new Map<string, Promise<Part<unknown>>>();
  readonly #rings = new Map<string, ReadbackRing>();
  readonly #uploaded = new Set<string>();
  #files: WeightReader | undefined;
  #close: () => Promise<void> = async () => {};

  constructor(
    manifest: ModelManifest,
    opened: OpenDevice,
    failure: Promise<never>,
    target: Target = opened.capabilities,
  ) {
    this.manifest = manifest;
    this.opened = opened;
    this.target = target;
    this.memory = new ModelMemory(opened.device, opened.capabilities);
    this.#failure = failure;
  }

  get config(): ModelConfig {
    return this.manifest.config;
  }

  /** The call, or the device's failure if that comes first: a map on a lost device may never settle. */
  orLost<T>(call: Promise<T>): Promise<T> {
    return Promise.race([call, this.#failure]);
  }

  /** Where weights are read from, now and when a part is first wanted later; `close` lets go of it. */
  useFiles(files: WeightReader, close: () => Promise<void>): void {
    this.#files = files;
    this.#close = close;
  }

  /** Compile programs ahead of their use, all pipelines at once; weights follow with `upload`. */
  async compile(parts: Readonly<Record<string, Recorded<unknown>>>): Promise<void> {
    const programs = Object.fromEntries(Object.entries(parts).map(([key, { program }]) => [key, program]));
    const plans = await this.orLost(compile(this.memory, programs));
    for (const [key, { tensors }] of Object.entries(parts)) {
      this.#parts.set(key, Promise.resolve({ plan: plans[key]!, tensors }));
    }
  }

  /** Bring the weights of the programs that are not there yet; `onBytes` counts stored bytes. */
  async upload(programs: readonly Program[], stop: Stop = never, onBytes?: (doneBytes: number) => void): Promise<void> {
    const files = this.#files;
    if (files === undefined) throw new Failure('Internal', 'weights were wanted before their files were open.');
    const wanted = wantedWeights(programs).filter(({ tensor }) => !this.#uploaded.has(tensor.label));
    await this.orLost(uploadWeights(this.memory, files, wanted, stop, onBytes));
    for (const { tensor } of wanted) this.#uploaded.add(tensor.label);
  }

  /** The program of a sampling step of this shape. */
  async step(shape: StepShape): Promise<StepPart> {
    const { config, target } = this;
    const part = await this.part(stepKey(shape), () => recordStep(config, target, shape));
    const results = ({ tokens, guess, logProb, confidence }: StepTensors) => [tokens, guess, logProb, confidence];
    this.ring(ringKey(shape.pictures), part, results);
    return part;
  }

  /** The ring that takes tokens, guess, logProb and confidence of a step of any program of so many pictures. */
  stepRing(pictures: number): ReadbackRing {
    return this.#rings.get(ringKey(pictures))!;
  }

  /** Full tokens [positions] → pixels [size, size, 3], not clipped. Failure BadRequest. */
  async decode(tokens: Int32Array): Promise<Pixels> {
    const { config, target } = this;
    needsTokenizer(config, 'decode');
    checkCodes(tokens, config);
    const part = await this.part('decode', () => recordDecode(config, target));
    this.memory.write(part.tensors.codes, Int32Array.from(tokens));
    const [pixels] = await this.#replay('decode', part, ({ pixels }) => [pixels]);
    return new Float32Array(pixels!);
  }

  /** Pixels [size, size, 3] → latent [positions, embedding] and the nearest codes [positions]. */
  async encode(pixels: Pixels): Promise<{ latent: Float32Array<ArrayBuffer>; tokens: Int32Array<ArrayBuffer> }> {
    const { config, target } = this;
    needsTokenizer(config, 'encode');
    const part = await this.part('encode', () => recordEncode(config, target));
    this.memory.write(part.tensors.pixels, pixels);
    const [latent, codes] = await this.#replay('encode', part, ({ latent, codes }) => [latent, codes]);
    return { latent: new Float32Array(latent!), tokens: new Int32Array(codes!) };
  }

  /** Tokens [positions], MASK allowed, under a class → logits [positions, codebook]. Failure BadRequest. */
  async logits(tokens: Int32Array, classId: number): Promise<Float32Array<ArrayBuffer>> {
    const { config, target } = this;
    if (!config.transformer) throw new Failure('BadRequest', 'the model holds a tokenizer only; it gives no logits');
    if (config.transformer.order)
      throw new Failure('BadRequest', 'the model draws token by token; it gives no such logits');
    const part = await this.part('logits', () => recordLogits(config, target));
    this.memory.write(part.tensors.tokens, Int32Array.from(tokens));
    this.memory.write(part.tensors.classes, Int32Array.of(classId));
    const [logits] = await this.#replay('logits', part, ({ logits }) => [logits]);
    return new Float32Array(logits!);
  }

  /** Free the model's memory on the device and let go of its files. */
  async destroy(): Promise<void> {
    for (const ring of this.#rings.values()) ring.destroy();
    this.#rings.clear();
    this.memory.destroy();
    await this.#close();
  }

  /** The program of this key on the device, recorded on its first use. */
  part<T>(key: string, record: () => Recorded<T>): Promise<Part<T>> {
    let part = this.#parts.get(key) as Promise<Part<T>> | undefined;
    if (part === undefined) {
      part = this.#make(record());
      part.catch(() => this.#parts.delete(key)); // the next call may try again
      this.#parts.set(key, part);
    }
    return part;
  }

  async #make<T>({ program, tensors }: Recorded<T>): Promise<Part<T>> {
    const { plan } = await this.orLost(compile(this.memory, { plan: program }));
    await this.upload([program]);
    return { plan, tensors };
  }

  /** The ring of this key that takes these results of a part; as deep as steps may be in flight where a step is meant. */
  ring<T>(key: string, { plan, tensors }: Part<T>, outputs: (tensors: T) => readonly Tensor[]): ReadbackRing {
    let ring = this.#rings.get(key);
    if (ring === undefined) {
      ring = new ReadbackRing(plan, outputs(tensors), key.endsWith('step') ? MOST_STEPS_IN_FLIGHT : 1);
      this.#rings.set(key, ring);
    }
    return ring;
  }

  async #replay<T>(key: string, part: Part<T>, outputs: (tensors: T) => readonly Tensor[]): Promise<ArrayBuffer[]> {
    const ring = this.ring(key, part, outputs);
    part.plan.run((encoder) => ring.copy(encoder), { mostOperations: this.mostOperations });
    return this.orLost(ring.read());
  }
}

export function stepKey({ rows, noise, pictures = 1 }: StepShape): string {
  return `step ${rows} ${noise} ${pictures}`;
}

function ringKey(pictures = 1): string {
  return `${pictures} step`;
}

function needsTokenizer({ tokenizer }: ModelConfig, verb: string): void {
  if (!tokenizer) throw new Failure('BadRequest', `the model holds a transformer only; it cannot ${verb} a picture`);
}

function checkCodes(tokens: Int32Array, { grid, tokenizer }: ModelConfig): void {
  const positions = positionCount(grid);
  if (tokens.length !== positions) {
    throw new Failure('BadRequest', `tokens has ${tokens.length} values; the grid has ${positions} positions`);
  }
  const last = tokenizer!.codebook - 1;
  const bad = tokens.findIndex((code) => !(code >= 0 && code <= last));
  if (bad >= 0) throw new Failure('BadRequest', `tokens[${bad}] is ${tokens[bad]}; it must be from 0 to ${last}`);
}
