import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pictureOf } from '../engine/picture.ts';
import { toF32, toI32 } from '../formats/dtypes.ts';
import { openSafetensors } from '../formats/safetensors.ts';
import { tensorOut } from '../formats/writeSafetensors.ts';
import { expectClose } from '../testing/agreement.ts';
import { unmask } from '../testing/commandLine.ts';
import { loadGolden } from '../testing/golden.ts';
import { withFile } from './files.ts';
import { writePng } from './pictures.ts';
import { writeTrace } from './traces.ts';

// golden/<model>.safetensors is what PyTorch computed from the very files in public/models/<model>, their int8 widened to
// f32 (train/export.py); so nothing but the order of sums may differ: engine.md's f32 tolerances.
const raster = loadGolden('mini-raster.safetensors');
const folder = mkdtempSync(join(tmpdir(), 'unmask-shipped-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);

/** Run a command on a shipped model, then read one tensor of the trace that it wrote. */
async function traced(model: string, name: string, ...args: string[]): Promise<Uint8Array> {
  const command = [...args, '--model', model, '--trace', inFolder('trace.safetensors')];
  expect(await unmask(command)).toMatchObject({ code: 0, err: '' });
  return withFile(inFolder('trace.safetensors'), async (file) => (await openSafetensors(file)).read(name));
}

async function writeTokens(name: string, from: ReturnType<typeof loadGolden>): Promise<string> {
  await writeTrace(inFolder('tokens.safetensors'), [
    tensorOut('tokens', from.tensor(name).shape, from.i32(name).slice()),
  ]);
  return inFolder('tokens.safetensors');
}

describe.each([
  { model: 'mini', size: 32 },
  { model: 'worlds-128-lite', size: 128 },
])('the shipped $model', ({ model, size }) => {
  const golden = loadGolden(`${model}.safetensors`);

  it("gives PyTorch's logits", async () => {
    const tokens = await writeTokens('tokens', golden);
    const logits = await traced(
      model,
      'logits',
      'logits',
      '--tokens',
      tokens,
      '--class',
      String(golden.i32('class')[0]),
    );
    expectClose('logits', toF32(logits, 'F32'), golden.f32('logits'), { abs: 2e-4, rel: 0 });
  });

  it("decodes to PyTorch's pixels", async () => {
    const tokens = await writeTokens('finalTokens', golden);
    const pixels = await traced(model, 'pixels', 'decode', '--tokens', tokens, '--out', inFolder('out.png'));
    expectClose('pixels', toF32(pixels, 'F32'), golden.f32('pixels'), { abs: 1e-4, rel: 0 });
  });

  it("encodes to PyTorch's latent and tokens", async () => {
    await writePng(inFolder('in.png'), pictureOf(golden.f32('picture'), size));
    const latent = await traced(model, 'latent', 'encode', '--image', inFolder('in.png'));
    expectClose('latent', toF32(latent, 'F32'), golden.f32('latent'), { abs: 1e-4, rel: 0 });
    const tokens = await traced(model, 'tokens', 'encode', '--image', inFolder('in.png'));
    expect([...toI32(tokens)]).toEqual([...golden.i32('finalTokens')]);
  });
});

describe('several pictures of the shipped mini', () => {
  it('are the same painted together as one by one', async () => {
    const paint = async (name: string, ...more: string[]): Promise<string[]> => {
      const args = ['generate', '--model', 'mini', '--class', 'fox', '--seed', '7', '--steps', '4', '--count', '3'];
      const out = ['--out', inFolder(`${name}.png`), ...more];
      expect(await unmask([...args, ...out])).toMatchObject({ code: 0, err: '' });
      return [1, 2, 3].map((i) => readFileSync(inFolder(`${name}-${i}.png`), 'base64'));
    };
    const [together, oneByOne] = [await paint('together', '--batch', '3'), await paint('apart', '--batch', '1')];
    expect(together).toEqual(oneByOne);
    expect(new Set(together).size).toBe(3);
  });
});

describe('the shipped causal baseline', () => {
  it("gives PyTorch's logits", async () => {
    const tokens = await writeTokens('tokens', raster);
    const id = String(raster.i32('class')[0]);
    const logits = await traced('mini-raster', 'logits', 'logits', '--tokens', tokens, '--class', id);
    expectClose('logits', toF32(logits, 'F32'), raster.f32('logits'), { abs: 2e-4, rel: 0 });
  });
});
