import { afterAll, describe, expect, it } from 'vitest';
import { parseManifest } from '../core/parseManifest.ts';
import { memoryFile } from '../formats/ranged.ts';
import type { TensorOut } from '../formats/writeSafetensors.ts';
import { failureOf } from '../gpu/lost.ts';
import type { WeightType } from '../program/capabilities.ts';
import { testDevice } from '../testing/device.ts';
import { serveFiles, toyConfig, toyFiles, toyWeights, type ModelFiles } from '../testing/toyModel.ts';
import { httpSource } from './httpSource.ts';
import { storedAs } from './import/quantize.ts';
import { loadSession } from './load.ts';
import { Session } from './session.ts';
import { openWeightFiles, type WeightFiles } from './weights.ts';
import { weightTypeOf } from './weightType.ts';

const stop = { aborted: false, throwIfAborted() {} };
const open: Session[] = [];
afterAll(() => Promise.all(open.map((session) => session.destroy())));

/** The toy model with its weights stored so; with `odd` among the halves one matrix that is not. */
function filesOf(type: WeightType, odd?: string): ModelFiles {
  const tensors = toyWeights().flatMap(({ name, shape, bytes }): readonly TensorOut[] =>
    storedAs(name === odd ? 'f32' : type, name, shape, new Float32Array(new Uint8Array(bytes).buffer)),
  );
  return toyFiles(toyConfig, tensors);
}

function readerOf(files: ModelFiles): Promise<WeightFiles> {
  return openWeightFiles([memoryFile('toy.safetensors', files.get('toy.safetensors')!)]);
}

async function load(files: ModelFiles): Promise<Session> {
  const opened = await testDevice();
  const source = httpSource('https://models.example/toy/model.json', {
    fetch: serveFiles(files),
    openStore: async () => undefined,
  });
  const { session } = await loadSession(opened, failureOf(opened.device), source, { stop, ready: false });
  open.push(session);
  return session;
}

async function outputsOf(session: Session): Promise<{ logits: Float32Array; pixels: Float32Array }> {
  const tokens = Int32Array.from({ length: 16 }, (_, p) => (p % 3 === 0 ? -1 : (7 * p) % 32));
  return { logits: await session.logits(tokens, 1), pixels: await session.decode(tokens.map((code) => code & 31)) };
}

/** Σ (a − b)² / Σ b² */
function nmse(a: Float32Array, b: Float32Array): number {
  const squares = (values: Float32Array): number => values.reduce((sum, value) => sum + value ** 2, 0);
  return squares(a.map((value, i) => value - b[i]!)) / squares(b);
}

describe('weights on the device', () => {
  it.each<WeightType>(['f32', 'f16', 'int8'])('are told from the size of the files: %s', (type) => {
    const json = JSON.parse(new TextDecoder().decode(filesOf(type).get('model.json'))) as unknown;
    expect(weightTypeOf(parseManifest(json, 'model.json'))).toBe(type);
  });

  it.each([
    { type: 'f16', share: 0.58 },
    { type: 'int8', share: 0.45 },
  ] as const)('stay $type, and give what they give widened', async ({ type, share }) => {
    const files = filesOf(type);
    const kept = await load(files);
    expect(kept.target.weights).toBe(type);
    const reader = await readerOf(files);
    const widened = new Session(kept.manifest, kept.opened, new Promise(() => {}));
    open.push(widened);
    const widenedReader = { storedBytes: () => 0, read: (name: string) => reader.read(name) };
    widened.useFiles(widenedReader, async () => {});
    const [found, wanted] = [await outputsOf(kept), await outputsOf(widened)];
    expect(nmse(found.logits, wanted.logits)).toBeLessThan(1e-6);
    expect(nmse(found.pixels, wanted.pixels)).toBeLessThan(1e-6);
    // Vectors, embeddings and what the phases of an upsampling are stay larger; they weigh much in a toy.
    expect(kept.memory.bytes.weights).toBeLessThan(share * widened.memory.bytes.weights);
  });

  it('are widened where the files hold something else than their size told', async () => {
    const session = await load(filesOf('f16', 'TransformerLayer_0/Mlp_0/layer_output/kernel'));
    expect(session.target.weights).toBeUndefined();
    const { logits } = await outputsOf(session);
    const { logits: wanted } = await outputsOf(await load(filesOf('f16')));
    expect(nmse(logits, wanted)).toBeLessThan(1e-5);
  });
});
