import { beforeAll, describe, expect, it } from 'vitest';
import type { TokenizerConfig } from '../core/config.ts';
import type { Grid } from '../core/grid.ts';
import { weightShapes } from '../core/weightShapes.ts';
import { fromPixels } from '../kernels/fromPixels.ts';
import { costOf } from '../program/cost.ts';
import { print } from '../program/print.ts';
import { Recorder, type Program } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectClose, runOnDevice, typed, type Inputs } from '../testing/agreement.ts';
import { testDevice } from '../testing/device.ts';
import { loadGolden } from '../testing/golden.ts';
import { officialWeights, preparedWeights, type WeightSource } from '../testing/loadWeights.ts';
import { decoder, encoder, quantise } from './vqgan.ts';

const official = { groups: 32, groupEps: 1e-6 };
/** golden/official-a/config.json */
const tiny: TokenizerConfig = {
  ...official,
  filters: 32,
  multipliers: [1, 1, 1, 2, 1],
  resBlocks: 1,
  embedding: 16,
  codebook: 64,
};
/** Google's 256 and 512 pixel models. */
const full: TokenizerConfig = {
  ...official,
  filters: 128,
  multipliers: [1, 1, 2, 2, 4],
  resBlocks: 2,
  embedding: 256,
  codebook: 1024,
};
const mini: TokenizerConfig = {
  filters: 32,
  multipliers: [1, 2, 4],
  resBlocks: 1,
  groups: 8,
  groupEps: 1e-6,
  embedding: 64,
  codebook: 512,
};
const grid: Grid = { rows: 6, cols: 6 };
const golden = loadGolden('official-a/tokenizer.safetensors');
/** engine.md: latent and pixels, f32 path. */
const tolerance = { abs: 1e-4, rel: 0 };

let weights: WeightSource;
beforeAll(async () => {
  const shapes = weightShapes({ image: { size: 96, pixelArt: false }, grid, tokenizer: tiny });
  weights = await officialWeights('official-a/checkpoints/tokenizer_imagenet96_checkpoint', shapes);
  expect([...weights.keys()].sort()).toEqual([...shapes.keys()].sort());
});

type Values = ReturnType<typeof typed>;

/** What the last convolution of a layer such as `encoder/ResBlock_3` or `decoder/Conv_1` wrote. */
function outputOf({ calls }: Program, layer: string): Tensor {
  const written = calls.filter(({ kernel }) => kernel.name.startsWith('conv2d')).map(({ tensors }) => tensors['y']!);
  return written.findLast(({ label }) => label === `${layer}.y` || label.startsWith(`${layer}/`))!;
}

/** Record and run; the outputs by name, and those of the layers asked for. */
async function run(
  record: (rec: Recorder) => { inputs: Inputs; outputs: Readonly<Record<string, Tensor>> },
  layers: readonly string[] = [],
  isFallback = true,
): Promise<Record<string, Values>> {
  const rec = new Recorder({ ...(await testDevice()).capabilities, isFallback });
  const { inputs, outputs } = record(rec);
  const recorded = rec.finish('golden');
  const all = { ...outputs, ...Object.fromEntries(layers.map((layer) => [layer, outputOf(recorded, layer)])) };
  for (const tensor of Object.values(all)) rec.keep(tensor);
  const program = rec.finish('golden');
  const given: Inputs = new Map([...inputs, ...preparedWeights(program, weights)]);
  const bytes = await runOnDevice(program, given, Object.values(all));
  return Object.fromEntries(Object.entries(all).map(([name, tensor], i) => [name, typed(tensor, bytes[i]!)]));
}

function runEncoder(layers: readonly string[] = [], isFallback = true) {
  return run(
    (rec) => {
      const pixels = rec.state('pixels', [96, 96], 'u32');
      const bytes = golden.u8('image_u8');
      const packed = Uint32Array.from({ length: 96 * 96 }, (_, i) =>
        [0, 1, 2].reduce((word, c) => word + bytes[3 * i + c]! * 256 ** c, 0),
      );
      const latent = encoder(rec, fromPixels(rec, pixels), tiny);
      return { inputs: new Map([[pixels, packed]]), outputs: { latent, ...quantise(rec, latent, tiny) } };
    },
    layers,
    isFallback,
  );
}

function runDecoder(ids: Int32Array<ArrayBuffer>, layers: readonly string[] = [], isFallback = true) {
  return run(
    (rec) => {
      const tokens = rec.state('tokens', [6, 6], 'i32');
      return { inputs: new Map([[tokens, ids]]), outputs: { image: decoder(rec, tokens, tiny) } };
    },
    layers,
    isFallback,
  );
}

/** The top left 8 × 8 pixels of [height, width, channels] values with this many columns. */
function crop8(values: Values, width: number, channels: number): Values {
  return values.filter((_, i) => {
    const pixel = Math.floor(i / channels);
    return pixel % width < 8 && Math.floor(pixel / width) < 8;
  });
}

describe('the VQGAN', () => {
  it('encodes a picture to the latent and to every token that the official code gives', async () => {
    const { latent, tokens, margins } = await runEncoder();
    expectClose('z', latent!, golden.f32('z'), tolerance);
    expect([...tokens!]).toEqual([...golden.i32('ids')]);
    // golden/official-a/margins.json: the closest choice
    expect(Math.min(...margins!)).toBeCloseTo(0.1486525684958906, 3);
  });

  it('encodes and decodes the same with the kernels for hardware', async () => {
    const { latent, tokens } = await runEncoder([], false);
    expectClose('z', latent!, golden.f32('z'), tolerance);
    expect([...tokens!]).toEqual([...golden.i32('ids')]);
    const { image } = await runDecoder(golden.i32('ids'), [], false);
    expectClose('recon', image!, golden.f32('recon'), tolerance);
  });

  it.each(['ids to recon', 'random_ids to decoded_random'])('decodes %s as the official code does', async (names) => {
    const [ids, image] = names.split(' to ') as [string, string];
    const decoded = await runDecoder(golden.i32(ids));
    expectClose(image, decoded['image']!, golden.f32(image), tolerance);
  });

  it('agrees with the official encoder layer by layer', async () => {
    const blocks = [2, 3, 4, 5].map((k) => `ResBlock_${k}`);
    const values = await runEncoder(['ResBlock_0', ...blocks, 'Conv_1'].map((layer) => `encoder/${layer}`));
    expectClose(
      'ResBlock_0',
      crop8(values['encoder/ResBlock_0']!, 96, 32),
      golden.f32('enc.ResBlock_0.crop8'),
      tolerance,
    );
    for (const layer of [...blocks, 'Conv_1']) {
      expectClose(layer, values[`encoder/${layer}`]!, golden.f32(`enc.${layer}`), tolerance);
    }
  });

  it('agrees with the official decoder layer by layer', async () => {
    const whole = ['Conv_0', 'ResBlock_0', 'ResBlock_1', 'Conv_1', 'ResBlock_2', 'Conv_2', 'ResBlock_3'];
    const cropped = { Conv_3: 48, ResBlock_4: 48, Conv_4: 96, ResBlock_5: 96 };
    const layers = [...whole, ...Object.keys(cropped)].map((layer) => `decoder/${layer}`);
    const values = await runDecoder(golden.i32('random_ids'), layers);
    for (const layer of whole) {
      expectClose(layer, values[`decoder/${layer}`]!, golden.f32(`dec.${layer}`), tolerance);
    }
    for (const [layer, width] of Object.entries(cropped)) {
      expectClose(layer, crop8(values[`decoder/${layer}`]!, width, 32), golden.f32(`dec.${layer}.crop8`), tolerance);
    }
  });
});

function recordSides(config: TokenizerConfig, side: number): { encode: Program; decode: Program } {
  const rows = side / 2 ** (config.multipliers.length - 1);
  const enc = new Recorder();
  quantise(enc, encoder(enc, enc.state('image', [side, side, 3], 'f32'), config), config);
  const dec = new Recorder();
  decoder(dec, dec.state('tokens', [rows, rows], 'i32'), config);
  return { encode: enc.finish('encode'), decode: dec.finish('decode') };
}

/** Operations of the convolutions alone, as research counts them. */
function convOperations(program: Program): number {
  const { calls } = costOf(program);
  return calls.filter(({ kernel }) => kernel.startsWith('conv2d')).reduce((sum, { operations }) => sum + operations, 0);
}

describe('the programs of the VQGAN', () => {
  it('say what they do, in the order of the paper', () => {
    const { encode, decode } = recordSides(mini, 32);
    expect(print(encode)).toMatchSnapshot('encoder of mini');
    expect(print(decode)).toMatchSnapshot('decoder of mini');
  });

  it('ask for the weights that a configuration has, no more and no fewer', () => {
    const { encode, decode } = recordSides(full, 256);
    const asked = [encode, decode].flatMap(({ recipes }) =>
      [...recipes.values()].map((recipe) => ('name' in recipe ? recipe.name : '')),
    );
    const shapes = weightShapes({
      image: { size: 256, pixelArt: false },
      grid: { rows: 16, cols: 16 },
      tokenizer: full,
    });
    expect(new Set(asked)).toEqual(new Set(shapes.keys()));
  });

  // Counted from the official code's shapes, two operations a multiply-add (research: layout/flops.json); the four
  // upsampling convolutions of the decoder take 4 / 9 of theirs here.
  it.each([
    { side: 256, encoderFlops: 128_630_915_072, decoderFlops: 186_545_864_704 },
    { side: 512, encoderFlops: 514_523_660_288, decoderFlops: 746_183_458_816 },
  ])('cost at $side pixels what the official architecture costs', ({ side, encoderFlops, decoderFlops }) => {
    const { encode, decode } = recordSides(full, side);
    const upsampling = [
      [512, 8],
      [256, 4],
      [256, 2],
      [128, 1],
    ].reduce((sum, [channels, below]) => sum + 2 * 9 * (side / below!) ** 2 * channels! ** 2, 0);
    const saved = (upsampling * 5) / 9;
    expect(convOperations(encode) / encoderFlops).toBeCloseTo(1, 2);
    expect((convOperations(decode) + saved) / decoderFlops).toBeCloseTo(1, 2);
    expect(costOf(decode).operations / convOperations(decode)).toBeLessThan(1.01);
  });

  it.each([
    { name: 'mini', config: mini, side: 32, decodeMiB: 0.5, encodeMiB: 0.375 },
    { name: '256 px', config: full, side: 256, decodeMiB: 96, encodeMiB: 96 },
    { name: '512 px', config: full, side: 512, decodeMiB: 384, encodeMiB: 384 },
  ])(
    'keep the activations of $name in $decodeMiB MiB, no piece over 128 MiB',
    ({ config, side, decodeMiB, encodeMiB }) => {
      const { encode, decode } = recordSides(config, side);
      const mib = (program: Program) => costOf(program).scratchBytes / 2 ** 20;
      // Three of the largest activations; statistics are small change.
      expect(mib(encode)).toBeLessThan(encodeMiB + 0.1);
      expect(mib(decode)).toBeLessThan(decodeMiB + 0.1);
      for (const { tensors } of [encode, decode]) {
        for (const { shape } of tensors) expect(shape.reduce((a, b) => a * b) * 4).toBeLessThanOrEqual(128 * 2 ** 20);
      }
    },
  );
});
