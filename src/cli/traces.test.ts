import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tensorOut, writeSafetensors, type TensorOut } from '../formats/writeSafetensors.ts';
import { openSafetensors } from '../formats/safetensors.ts';
import { withFile } from './files.ts';
import { imageTensor, readNoise, readTokens, stepTensors, writeTrace } from './traces.ts';

const folder = mkdtempSync(join(tmpdir(), 'unmask-traces-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'noise.safetensors');
const put = (tensors: readonly TensorOut[]): void => writeFileSync(file, writeSafetensors(tensors));
const sizes = { runs: 2, positions: 3, codebook: 4 };
const drawNoise = tensorOut(
  'drawNoise',
  [2, 3, 4],
  Float32Array.from({ length: 24 }, (_, i) => i),
);
const choiceNoise = tensorOut('choiceNoise', [2, 3], new Float32Array(6));

describe('a noise file', () => {
  it('gives its values in the order of the file', async () => {
    put([drawNoise, choiceNoise]);
    const noise = await readNoise(file, sizes);
    expect([...noise.drawNoise]).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect(noise.choiceNoise).toHaveLength(6);
  });

  const refusals: [string, TensorOut[], RegExp][] = [
    ['a tensor is missing', [drawNoise], /noise\.safetensors: there is no tensor choiceNoise; it holds drawNoise/],
    [
      'the runs do not fit',
      [tensorOut('drawNoise', [1, 3, 4], new Float32Array(12)), choiceNoise],
      /drawNoise has shape \[1,3,4\], this run wants \[2,3,4\]/,
    ],
    [
      'the type is another',
      [tensorOut('drawNoise', [2, 3, 4], new Int32Array(24)), choiceNoise],
      /drawNoise is I32, it must be F32/,
    ],
    [
      'a value is NaN',
      [drawNoise, tensorOut('choiceNoise', [2, 3], Float32Array.of(0, 0, 0, 0, NaN, 0))],
      /choiceNoise holds NaN at index 4/,
    ],
  ];
  for (const [what, tensors, message] of refusals) {
    it(`is refused where ${what}`, async () => {
      put(tensors);
      await expect(readNoise(file, sizes)).rejects.toThrow(message);
    });
  }
});

describe('a trace', () => {
  it('has a row for every executed step, in the names and types that scripts rely on', async () => {
    const step = (n: number): Parameters<typeof stepTensors>[0][number] => ({
      step: n,
      steps: 2,
      tokens: Int32Array.of(n, -1),
      guess: Int32Array.of(n, n + 1),
      logProb: Float32Array.of(-n, 0),
      confidence: Float32Array.of(Infinity, n),
      ms: 1,
      maskCount: 1,
    });
    const path = join(folder, 'deep', 'trace.safetensors');
    await writeTrace(path, [
      ...stepTensors([step(0), step(1)]),
      imageTensor('pixels', 2, new Float32Array(12)),
      imageTensor('blend', 2, new Float32Array(4)),
    ]);
    const held = await withFile(path, async (opened) => [...(await openSafetensors(opened)).entries.values()]);
    expect(Object.fromEntries(held.map(({ name, dtype, shape }) => [name, `${dtype} [${shape}]`]))).toEqual({
      tokens: 'I32 [2,2]',
      guess: 'I32 [2,2]',
      logProb: 'F32 [2,2]',
      confidence: 'F32 [2,2]',
      maskCount: 'I32 [2]',
      pixels: 'F32 [2,2,3]',
      blend: 'F32 [2,2]',
    });
  });

  it('gives its tokens back, in whatever shape', async () => {
    put([tensorOut('tokens', [1, 3], Int32Array.of(5, -1, 7))]);
    expect(await readTokens(file)).toEqual({ shape: [1, 3], tokens: Int32Array.of(5, -1, 7) });
    put([tensorOut('token', [1], Int32Array.of(5))]);
    await expect(readTokens(file)).rejects.toThrow(/there is no tensor tokens; it holds token/);
  });
});
