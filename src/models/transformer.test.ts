import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TransformerConfig } from '../core/config.ts';
import type { Grid } from '../core/grid.ts';
import { weightShapes } from '../core/weightShapes.ts';
import { testDevice } from '../testing/device.ts';
import { expectClose, runOnDevice, typed } from '../testing/agreement.ts';
import { loadGolden } from '../testing/golden.ts';
import { officialWeights, preparedWeights, type WeightSource } from '../testing/loadWeights.ts';
import { ModelMemory } from '../gpu/memory.ts';
import { compile } from '../gpu/plan.ts';
import { normal } from '../testing/values.ts';
import { costOf } from '../program/cost.ts';
import type { Capabilities, Target } from '../program/capabilities.ts';
import { print } from '../program/print.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { embedding, headHidden, transformer, transformerLayer, type Batch } from './transformer.ts';

/** golden/official-a/config.json */
const config: TransformerConfig = {
  width: 64,
  layers: 2,
  heads: 4,
  mlp: 256,
  codebook: 64,
  classes: 10,
  nullClass: false,
  layerEps: 1e-12,
  gelu: 'tanh',
};
const grid: Grid = { rows: 6, cols: 6 };
const sequences = 2;
const positions = 36;
const golden = loadGolden('official-a/transformer.safetensors');

/** Class first, as 64 + class, then the tokens: what our two inputs are made from. */
const inputIds = [0, 1].map((s) => golden.at('input_ids', s) as Int32Array);
const classIds = Int32Array.from(inputIds, ([id]) => id! - config.codebook);
const tokenIds = Int32Array.from(inputIds.flatMap((ids) => [...ids.subarray(1)]));

type Kind = Pick<Capabilities, 'isFallback' | 'subgroups'>;

/** The test adapter, with the kernels of a kind; one that it lacks is a failure and no skip. */
async function targetOf(kind: Kind): Promise<Target> {
  const { capabilities } = await testDevice();
  if (kind.subgroups) expect(capabilities.subgroups, 'the software Vulkan of the tests has subgroups').toBe(true);
  return { ...capabilities, ...kind };
}

async function run(
  kind: Kind,
  record: (rec: Recorder, inputs: { tokens: Tensor; classes: Tensor }, batch: Batch) => Tensor[],
) {
  const rec = new Recorder(await targetOf(kind));
  const tokens = rec.state('tokens', [sequences, positions], 'i32');
  const classes = rec.state('classes', [sequences], 'i32');
  const outputs = record(rec, { tokens, classes }, { sequences, grid }).map((t) => rec.keep(t));
  const program = rec.finish('golden');
  const inputs = new Map<Tensor, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>([
    [tokens, tokenIds],
    [classes, classIds],
    ...preparedWeights(program, weights),
  ]);
  const bytes = await runOnDevice(program, inputs, outputs);
  return outputs.map((tensor, i) => typed(tensor, bytes[i]!));
}

let weights: WeightSource;
beforeAll(async () => {
  const shapes = weightShapes({ image: { size: 96, pixelArt: false }, grid, transformer: config });
  weights = await officialWeights('official-a/checkpoints/maskgit_imagenet96_checkpoint', shapes);
  expect([...weights.keys()].sort()).toEqual([...shapes.keys()].sort());
});

const targets = [
  { isFallback: false, subgroups: false, on: 'a plain GPU' },
  { isFallback: false, subgroups: true, on: 'a GPU with subgroups' },
  { isFallback: true, subgroups: false, on: 'a software adapter' },
];

describe.each(targets)('the transformer with the kernels for $on', (kind) => {
  it('gives the logits of the official code, and the same best code everywhere', async () => {
    const [logits] = await run(kind, (rec, inputs, batch) => [transformer(rec, inputs, config, batch)]);
    const expected = gridRows(golden.f32('logits'), 75, 64);
    expectClose('logits', logits!, expected, { abs: 2e-4, rel: 0 });
    expect(bestCodes(logits!)).toEqual(bestCodes(expected));
  });

  it('agrees with the official code after every part', async () => {
    const parts = await run(kind, (rec, inputs, batch) => {
      const h = embedding(rec, inputs, config, batch);
      const first = transformerLayer(rec, h, config, batch, 0);
      const second = transformerLayer(rec, first, config, batch, 1);
      return [h, first, second, headHidden(rec, second, config, batch)];
    });
    const [h, first, second, m] = parts;
    expectClose('Embed_0', h!, golden.f32('Embed_0'), { abs: 2e-4, rel: 0 });
    expectClose('TransformerLayer_0', first!, golden.f32('TransformerLayer_0'), { abs: 2e-4, rel: 0 });
    expectClose('TransformerLayer_1', second!, golden.f32('TransformerLayer_1'), { abs: 2e-4, rel: 0 });
    const expected = gridRows(golden.f32('MlmLayer_0.mlm_ln'), 64, 64);
    // This norm divides by a small deviation on purpose: values reach 379, where 2e-4 is below what f32 resolves.
    expectClose('MlmLayer_0.mlm_ln', m!, expected, { abs: 2e-4, rel: 1e-5 });
  });
});

/** Networks that differ in where their norms are, what their class is, and what their bias belongs to. */
const networks: Readonly<Record<string, TransformerConfig>> = {
  'norms behind, as MaskGIT': config,
  'norms in front, a bias for each place': { ...config, placement: 'pre', positionBias: true },
  'adaptive, registers, SwiGLU': {
    ...config,
    placement: 'adaptive',
    registers: 2,
    feedForward: 'swiglu',
    queryKeyNorm: true,
  },
};

describe.each(targets)('logits of listed places with the kernels for $on', (kind) => {
  const wantedPlaces = Int32Array.of(35, 0, 7, 8, 20);

  it.each(Object.entries(networks))('are the same bits as without a list: %s', async (_, network) => {
    const rec = new Recorder(await targetOf(kind));
    const tokens = rec.state('tokens', [sequences, positions], 'i32');
    const classes = rec.state('classes', [sequences], 'i32');
    const places = rec.list(rec.state('places', [positions, 1], 'i32'));
    const all = rec.keep(transformer(rec, { tokens, classes }, network, { sequences, grid }));
    const listed = rec.keep(transformer(rec, { tokens, classes }, network, { sequences, grid, places }));
    const program = rec.finish('listed');
    const memory = new ModelMemory((await testDevice()).device, rec.capabilities);
    const { plan } = await compile(memory, { plan: program });
    memory.write(tokens, tokenIds);
    memory.write(classes, classIds);
    memory.write(
      places,
      Int32Array.from({ length: positions }, (_, i) => wantedPlaces[i] ?? -1),
    );
    const shapes = [...weightShapes({ image: { size: 96, pixelArt: false }, grid, transformer: network })];
    const source = new Map(shapes.map(([name, shape], i) => [name, { shape, values: normal(shape, i, 0.2) }]));
    for (const [weight, values] of preparedWeights(program, source)) memory.write(weight, values);
    // What is not computed stays what it was.
    const buffer = plan.bufferOf(listed);
    memory.device.queue.writeBuffer(buffer, 0, new Float32Array(buffer.size / 4).fill(-77));
    plan.run(undefined, { entries: wantedPlaces.length });
    const [full, few] = [new Float32Array(await plan.read(all)), new Float32Array(await plan.read(listed))];
    const row = (values: Float32Array, at: number): number[] => [...values.subarray(64 * at, 64 * (at + 1))];
    wantedPlaces.forEach((place, i) => {
      for (let s = 0; s < sequences; s++) {
        expect(row(few, i * sequences + s), `place ${place} of sequence ${s}`).toEqual(
          row(full, s * positions + place),
        );
      }
    });
    expect(new Set(full).size).toBeGreaterThan(1000);
    expect(row(few, positions * sequences - 1)).toEqual(Array.from({ length: 64 }, () => -77));
    memory.destroy();
  });
});

describe('the transformer', () => {
  it('is a program that reads like the paper', () => {
    const grid = { rows: 8, cols: 8 };
    const rec = new Recorder();
    const h = rec.state('h', [2 * 65, 192], 'f32');
    transformerLayer(rec, h, { ...config, width: 192, heads: 6, mlp: 768 }, { sequences: 2, grid }, 0);
    expect(print(rec.finish('layer'))).toMatchSnapshot();
  });

  it.each(['256', '512'] as const)('costs what the paper’s network for %s pixels costs', (size) => {
    const { [size]: official } = JSON.parse(
      readFileSync(new URL('../../golden/official-layout/flops.json', import.meta.url), 'utf8'),
    ) as Record<string, { transformer_flops_codebook_only_head: number }>;
    const side = Number(size) / 16;
    const paper = { ...config, width: 768, layers: 24, heads: 16, mlp: 3072, codebook: 1024, classes: 1000 };
    const rec = new Recorder();
    const inputs = {
      tokens: rec.state('tokens', [side ** 2], 'i32'),
      classes: rec.state('classes', [1], 'i32'),
    };
    transformer(rec, inputs, paper, { sequences: 1, grid: { rows: side, cols: side } });
    const { operations, calls } = costOf(rec.finish('paper'));
    expect(operations / official!.transformer_flops_codebook_only_head).toBeCloseTo(1, 2);
    // Seven calls a layer; embedding and norm; three of the head and the product with the codes.
    expect(calls).toHaveLength(24 * 7 + 2 + 4);
  });
});

/** Rows 1 … of [sequences, 1 + positions, cols], and of those the first `kept` columns. */
function gridRows(values: Float32Array, cols: number, kept: number): Float32Array {
  const rows = Array.from({ length: sequences * (1 + positions) }, (_, r) => r).filter((r) => r % (1 + positions) > 0);
  return Float32Array.from(rows.flatMap((r) => [...values.subarray(r * cols, r * cols + kept)]));
}

function bestCodes(logits: ArrayLike<number>): number[] {
  return Array.from({ length: sequences * positions }, (_, r) => {
    const row = Array.from({ length: config.codebook }, (_, c) => logits[r * config.codebook + c]!);
    return row.indexOf(Math.max(...row));
  });
}
