import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPicture } from '../../src/cli/pictures.ts';
import { neverStop } from '../../src/cli/session.ts';
import { MASK } from '../../src/core/grid.ts';
import { parseManifest } from '../../src/core/parseManifest.ts';
import { defaultSettings } from '../../src/core/request.ts';
import { generateSteps, type StepRecord } from '../../src/engine/generate.ts';
import { pixelsOf, type Pixels } from '../../src/engine/picture.ts';
import type { Session } from '../../src/engine/session.ts';
import { loadGolden } from '../../src/testing/golden.ts';
import { hashedGumbel } from './hashed.ts';
import { largestBinding, measured } from './measured.ts';
import { officialModel, type Size } from './official.ts';
import { expectEqual, expectWithin } from './results.ts';

const codebook = 1024;
const golden = (name: string): URL => new URL(`../../golden/full-size/${name}`, import.meta.url);

const isAll = process.env['FULLSIZE'] === 'all';

/** Every step is a whole forward pass: without `--all` only the first, one in the middle and the last. */
const someSteps = (steps: number): number[] => (isAll ? [...Array(steps).keys()] : [0, steps / 2, steps - 1]);

describe.each([
  { size: 256 as Size, steps: 8 },
  { size: 512 as Size, steps: 12 },
])('the official networks for $size pixels', ({ size, steps }) => {
  const network = `official ${size}`;
  const side = size / 16;
  const positions = side ** 2;
  const tokenizer = loadGolden(`full-size/tokenizer_${size}.safetensors`);
  const transformer = loadGolden(`full-size/maskgit${size}.safetensors`);
  const { trial, label } = (JSON.parse(readFileSync(golden(`info_${size}.json`), 'utf8')) as Info).decode;
  let folder: string;
  beforeAll(async () => {
    folder = await officialModel(size);
  });

  it.each([true, false])('fit what every adapter can bind (software: %s)', (isFallback) => {
    const json: unknown = JSON.parse(readFileSync(`${folder}/model.json`, 'utf8'));
    const { config } = parseManifest(json, 'model.json');
    expect(largestBinding(network, config, isFallback)).toBeLessThanOrEqual(128 * 2 ** 20);
  });

  it('give the logits of the official code, and the same best code everywhere', async () => {
    const [classId, ...tokens] = transformer.at('input_ids', 0);
    const logits = await measured(network, 'logits', folder, (session) =>
      session.logits(Int32Array.from(tokens), classId! - codebook),
    );
    const rows = Array.from({ length: positions }, (_, p) => logits.subarray(p * codebook, (p + 1) * codebook));
    const best = rows.map((row) => row.reduce((most, value, i) => (value > row[most]! ? i : most), 0));
    expectEqual('best codes', best, transformer.i32('argmax_codebook').subarray(1));
    const most = rows.map((row, p) => row[best[p]!]!);
    expectWithin('maximum', most, transformer.f32('max_codebook').subarray(1), 5e-4);
    const sums = rows.map((row, p) => most[p]! + Math.log(row.reduce((sum, v) => sum + Math.exp(v - most[p]!), 0)));
    expectWithin('log of the sum', sums, transformer.f32('logsumexp_codebook').subarray(1), 5e-4);
    const known = [...transformer.i32('positions').entries()].filter(([, position]) => position > 0); // 0 is the class
    const found = known.flatMap(([, position]) => [...rows[position - 1]!]);
    const wanted = known.flatMap(([i]) => [...transformer.at('logits_at_positions', i).subarray(0, codebook)]);
    expectWithin(`logits at ${known.length} positions`, found, wanted, 5e-4);
  });

  it.each(someSteps(steps))(
    'draw and keep in step %i what the official sampler did with the same noise',
    async (step) => {
      const before = step === 0 ? new Int32Array(positions).fill(MASK) : stateAfter(step - 1);
      const record = await measured(network, 'step', folder, (session) => oneStep(session, step, before));
      expectEqual('guess', record.guess, transformer.at('decode.final_seqs', step).subarray(1));
      // The last step's remaining mask has no effect in the reference; ours leaves none.
      const after = step === steps - 1 ? transformer.at('decode.final_seqs', step).subarray(1) : stateAfter(step);
      expectEqual('tokens', record.tokens, after);
      const probabilities = [...transformer.at('decode.selected_probs', step).subarray(1)];
      // A known token has no draw: 0 here, +infinity in the reference.
      const wanted = probabilities.map((p) => (p === Infinity ? 0 : Math.log(p)));
      expectWithin('logProb', record.logProb, wanted, 5e-4);
    },
  );

  it('encode to the official latent and exactly its codes', async () => {
    const picture = pixelsOf(await readPicture(golden(`input_${size}.png`).pathname), size);
    const { latent, tokens } = await measured(network, 'encode', folder, (session) => session.encode(picture));
    const z = tokenizer.tensor('z'); // every fourth row of the larger one
    const kept = Array.from({ length: side }, (_, row) => row).filter((row) => row % (side / z.shape[1]!) === 0);
    const rows = kept.flatMap((row) => [...latent.subarray(row * side * 256, (row + 1) * side * 256)]);
    expectWithin('latent', rows, tokenizer.f32('z'), 2e-4);
    expectEqual('codes', tokens, tokenizer.i32('ids'));
  });

  it('decode to the official pixels', async () => {
    const pixels = await measured(network, 'decode', folder, (session) => session.decode(tokenizer.i32('random_ids')));
    const at = (first: number, count: number, step = 1): Float32Array => part(pixels, size, { first, count, step });
    for (const [name, found] of [
      ['decoded_corner32', at(0, 32)],
      ['decoded_center32', at(size / 2 - 16, 32)],
      ['decoded_bottomright32', at(size - 32, 32)],
      ['decoded_stride4', at(0, size / 4, 4)],
      ['decoded_row_mean', rowMeans(pixels, size)],
    ] as const) {
      expectWithin(name, found, tokenizer.f32(name), 1e-4);
    }
    if (!isAll) return;
    const painted = Int32Array.from(transformer.at('decode.final_seqs', steps - 1).subarray(1));
    const picture = await measured(network, 'decode', folder, (session) => session.decode(painted));
    const found = part(picture, size, { first: 0, count: size / 4, step: 4 });
    expectWithin('painted', found, transformer.f32('decode.image_stride4'), 1e-4);
  });

  /** The tokens that the official sampler went on with after a step. */
  function stateAfter(step: number): Int32Array<ArrayBuffer> {
    const masked = transformer.at('decode.masking', step).subarray(1);
    return Int32Array.from(transformer.at('decode.final_seqs', step).subarray(1), (id, p) => (masked[p] ? MASK : id));
  }

  async function oneStep(session: Session, step: number, tokens: Int32Array): Promise<StepRecord> {
    const runs = steps - step;
    const noise = {
      drawNoise: new Float32Array(runs * positions * codebook),
      choiceNoise: new Float32Array(runs * positions),
    };
    // Noise of the class token's position comes first and is not used.
    noise.drawNoise.set(hashedGumbel(`cat${size}.${trial}.${step}`, (positions + 1) * codebook).subarray(codebook));
    noise.choiceNoise.set(hashedGumbel(`choice${size}.${trial}.${step}`, positions + 1).subarray(1));
    const settings = { ...defaultSettings, steps, startStep: step };
    const request = { classId: label, seed: 0, settings, tokens, painted: new Uint8Array(positions).fill(1), noise };
    for await (const record of generateSteps(session, request, neverStop)) return record;
    throw new Error('a run without a step');
  }
});

interface Info {
  readonly decode: { readonly trial: number; readonly label: number };
}

/** A square of pixels [size, size, 3] on the diagonal, every step-th of them. */
function part(pixels: Pixels, size: number, { first, count, step }: { first: number; count: number; step: number }) {
  const out = new Float32Array(count * count * 3);
  for (let i = 0; i < out.length; i++) {
    const [row, col] = [first + step * Math.floor(i / 3 / count), first + step * (Math.floor(i / 3) % count)];
    out[i] = pixels[(row * size + col) * 3 + (i % 3)]!;
  }
  return out;
}

function rowMeans(pixels: Pixels, size: number): Float32Array {
  return Float32Array.from({ length: size * 3 }, (_, i) => {
    const [row, channel] = [Math.floor(i / 3), i % 3];
    let sum = 0;
    for (let col = 0; col < size; col++) sum += pixels[(row * size + col) * 3 + channel]!;
    return sum / size;
  });
}
