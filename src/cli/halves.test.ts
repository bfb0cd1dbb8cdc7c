import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tensorOut } from '../formats/writeSafetensors.ts';
import { argsOf, unmask } from '../testing/commandLine.ts';
import { loadGolden } from '../testing/golden.ts';
import { readPicture } from './pictures.ts';
import { readTokens, writeTrace } from './traces.ts';

const golden = (path: string): string => new URL(`../../golden/official-a/${path}`, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'unmask-halves-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);
const checkpoints = {
  tokenizer: golden('checkpoints/tokenizer_imagenet96_checkpoint'),
  transformer: golden('checkpoints/maskgit_imagenet96_checkpoint'),
};
const image = golden('input.png');
const [tokens, trace, out] = ['tokens.safetensors', 'trace.safetensors', 'x.png'].map(inFolder) as [
  string,
  string,
  string,
];

type FlagTexts = Readonly<Record<string, string>>;

async function done(command: string, flags: FlagTexts): Promise<void> {
  expect(await unmask(argsOf(command, flags))).toMatchObject({ code: 0, err: '' });
}

function writeTokens(shape: readonly number[], codes: Int32Array): Promise<void> {
  return writeTrace(tokens, [tensorOut('tokens', shape, codes)]);
}

describe('a tokenizer or a transformer alone', () => {
  async function expectRefusal(command: string, flags: FlagTexts, why: RegExp): Promise<void> {
    const { code, err } = await unmask(argsOf(command, flags));
    expect(code).toBe(2);
    expect(err).toMatch(why);
  }

  it('does its half and refuses the other by name: a tokenizer', async () => {
    const vq = inFolder('vq');
    await done('import', { tokenizer: checkpoints.tokenizer, out: vq });
    await done('encode', { model: vq, image, trace });
    const { tokens: found } = await readTokens(trace);
    expect([...found]).toEqual([...loadGolden('official-a/tokenizer.safetensors').i32('ids')]);
    await expectRefusal('generate', { model: vq, class: '1', out }, /tokenizer only/);
    // A grid of any size is decoded.
    await writeTokens([2, 2], Int32Array.of(1, 2, 3, 4));
    await done('decode', { model: vq, tokens, out: inFolder('small.png') });
    expect(await readPicture(inFolder('small.png'))).toMatchObject({ width: 32, height: 32 });
  });

  it('does its half and refuses the other by name: a transformer', async () => {
    const net = inFolder('net');
    await done('import', { transformer: checkpoints.transformer, codebook: '64', out: net });
    await writeTokens([36], new Int32Array(36).fill(-1));
    await done('logits', { model: net, tokens, class: '0', trace });
    await expectRefusal('decode', { model: net, tokens, out }, /transformer only/);
    await expectRefusal('encode', { model: net, image, trace }, /transformer only/);
    await expectRefusal('generate', { model: net, class: '0', out }, /transformer only/);
  });
});
