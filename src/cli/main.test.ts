import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensorOut } from '../formats/writeSafetensors.ts';
import { main } from './main.ts';
import { writeTrace } from './traces.ts';

const project = new URL('../../', import.meta.url).pathname;
const checkpoints = join(project, 'golden', 'official-a', 'checkpoints');
const folder = mkdtempSync(join(tmpdir(), 'unmask-main-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

async function unmask(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const code = await main(args, {
    root: folder,
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    isTerminal: false,
  });
  return { code, ...said };
}

/** The shipped models of a project whose only model is the imported official one. */
const shipped = join(folder, 'public', 'models', 'toy');
const toy = ['--model', 'toy'];
/** A model.json like it that says its network draws token by token. */
const raster = inFolder('toy-raster');

beforeAll(async () => {
  const parts = [
    '--tokenizer',
    join(checkpoints, 'tokenizer_imagenet96_checkpoint'),
    '--transformer',
    join(checkpoints, 'maskgit_imagenet96_checkpoint'),
  ];
  const names = inFolder('names.json');
  writeFileSync(names, JSON.stringify(['fox, red fox', ...Array.from({ length: 9 }, (_, i) => `thing ${i}`)]));
  expect(await unmask('import', ...parts, '--classes', names, '--out', shipped)).toEqual({ code: 0, out: '', err: '' });
  const { config, ...manifest } = JSON.parse(readFileSync(join(shipped, 'model.json'), 'utf8'));
  const transformer = { ...config.transformer, order: 'raster' };
  mkdirSync(raster);
  const causal = { ...manifest, id: 'toy-raster', config: { ...config, transformer } };
  writeFileSync(join(raster, 'model.json'), JSON.stringify(causal));
  await writeTrace(inFolder('tokens.safetensors'), [tensorOut('tokens', [6, 6], new Int32Array(36).fill(-1))]);
});

describe('unmask', () => {
  it('lists the models that are here', async () => {
    expect(await unmask('models')).toEqual({
      code: 0,
      out: 'toy\ttoy\t96 px, 6 × 6 tokens, 10 classes, 2.1 MB\n',
      err: '',
    });
  });

  it('lists the classes of a model, each with its index and its aliases', async () => {
    const { code, out } = await unmask('models', ...toy);
    expect([code, out.split('\n').slice(0, 3)]).toEqual([0, ['0\tfox\tred fox', '1\tthing 0', '2\tthing 1']]);
    expect(out.trimEnd().split('\n')).toHaveLength(10);
  });

  it('explains itself', async () => {
    expect((await unmask('--help')).out).toMatch(/generate .*paint pictures of a class/);
    expect((await unmask('edit', '--help')).out).toMatch(/--box row,col,height,width:CLASS[^]*--outpaint right:2/);
  });

  const usage: [string, string[], RegExp][] = [
    ['no command', [], /Say what to do: models, generate/],
    ['an unknown command', ['paint'], /no command "paint"; there are models/],
    ['an unknown flag', ['models', '--all', 'x'], /models has no flag "--all", it takes --model\./],
    ['a flag without a value', ['generate', '--model'], /--model needs a value/],
    [
      'a flag out of range',
      ['generate', ...toy, '--class', '0', '--out', 'x.png', '--steps', '0'],
      /--steps must be a whole number/,
    ],
    [
      'more steps than positions',
      ['generate', ...toy, '--class', '0', '--out', 'x.png', '--steps', '37'],
      /steps is 37; it must be a whole number from 1 to 36/,
    ],
    [
      'guidance without a null class',
      ['generate', ...toy, '--class', '0', '--out', 'x.png', '--guidance', '2'],
      /guidanceScale is 2/,
    ],
    [
      'a model that does not exist',
      ['generate', '--model', 'none', '--class', '0', '--out', 'x.png'],
      /no model "none"; the models here are toy/,
    ],
    ['a class that does not exist', ['generate', ...toy, '--class', 'dragon', '--out', 'x.png'], /no class "dragon"/],
    [
      'a class index out of range',
      ['logits', ...toy, '--class', '10', '--tokens', 'x', '--trace', 'y'],
      /an index from 0 to 9, it is "10"/,
    ],
    [
      'a trace of several pictures',
      ['generate', ...toy, '--class', '0', '--out', 'x.png', '--count', '2', '--trace', 't'],
      /for one picture/,
    ],
    [
      'a box that is no box',
      ['edit', ...toy, '--image', 'x', '--box', '1,2,3:0', '--out', 'y'],
      /--box must be row,col,height,width:CLASS in tokens, it is "1,2,3:0"/,
    ],
    [
      'a box that leaves the grid',
      ['edit', ...toy, '--image', 'x', '--box', '5,0,2,1:0', '--out', 'y'],
      /box\.height is 2; it must be a whole number from 1 to 1/,
    ],
    [
      'a box of an unknown class',
      ['edit', ...toy, '--image', 'x', '--box', '0,0,1,1:dragon', '--out', 'y'],
      /no class "dragon"/,
    ],
    [
      'a start behind the last step',
      ['edit', ...toy, '--image', 'x', '--box', '0,0,1,1:0', '--out', 'y', '--steps', '2'],
      /--start-step is 2, it must be below --steps 2/,
    ],
    [
      'a picture of a model that is only there to race against',
      ['generate', '--model', raster, '--class', '0', '--out', 'x.png'],
      /The model toy-raster draws one token after the other, it is there for the race on the page/,
    ],
    [
      'an edit by a model that is only there to race against',
      ['edit', '--model', raster, '--image', 'x', '--box', '0,0,1,1:0', '--out', 'y'],
      /The model toy-raster draws .* give another one to paint/,
    ],
    ['nothing to import', ['import', '--out', 'x'], /nothing to import/],
    [
      'an unknown type',
      ['import', '--tokenizer', 'x', '--out', 'y', '--dtype', 'f64'],
      /--dtype must be one of f32, f16, int8/,
    ],
  ];
  for (const [what, args, message] of usage) {
    it(`refuses ${what} with exit code 2 and one sentence`, async () => {
      const { code, out, err } = await unmask(...args);
      expect(err).toMatch(message);
      expect(err).toMatch(/^unmask: [^\n]*[.!?]\n$/);
      expect([code, out]).toEqual([2, '']);
    });
  }

  const files: [string, () => string[], RegExp][] = [
    [
      'a picture that is not there',
      () => ['encode', ...toy, '--image', inFolder('none.png'), '--trace', 'x'],
      /none\.png: it cannot be read/,
    ],
    [
      'a picture that is none',
      () => ['encode', ...toy, '--image', inFolder('names.json'), '--trace', 'x'],
      /names\.json: it is not a PNG, JPEG or WebP/,
    ],
    [
      'tokens that are no safetensors',
      () => ['decode', ...toy, '--tokens', inFolder('names.json'), '--out', 'x'],
      /names\.json: /,
    ],
    [
      'masks where a picture is wanted',
      () => ['decode', ...toy, '--tokens', inFolder('tokens.safetensors'), '--out', 'x'],
      /tokens holds -1 at index 0/,
    ],
    [
      'a folder without a model',
      () => ['decode', '--model', folder, '--tokens', inFolder('tokens.safetensors'), '--out', 'x'],
      /there is no model\.json in this folder/,
    ],
    [
      'a folder that is not there',
      () => ['decode', '--model', inFolder('a/b'), '--tokens', 'x', '--out', 'x'],
      /a\/b: there is no such folder/,
    ],
    [
      'a checkpoint that is none',
      () => ['import', '--tokenizer', inFolder('names.json'), '--out', inFolder('new')],
      /names\.json: this is JSON without weights/,
    ],
    [
      'a list of names that is none',
      () => ['import', '--tokenizer', 'x', '--classes', join(shipped, 'model.json'), '--out', inFolder('new')],
      /model\.json: it must be a list of class names/,
    ],
    [
      'noise of another run',
      () => ['generate', ...toy, '--class', '0', '--noise', inFolder('tokens.safetensors'), '--out', 'x'],
      /there is no tensor drawNoise; it holds tokens/,
    ],
    [
      'a model with a cut shard',
      () => [
        'logits',
        '--model',
        damaged((path) => truncateSync(path, 1000)),
        '--class',
        '0',
        '--tokens',
        inFolder('tokens.safetensors'),
        '--trace',
        'x',
      ],
      /weights-00\.safetensors has 1000 bytes where model\.json says \d+, it may be truncated/,
    ],
    [
      'a model with a changed shard',
      () => [
        'logits',
        '--model',
        damaged(flipLastByte),
        '--class',
        '0',
        '--tokens',
        inFolder('tokens.safetensors'),
        '--trace',
        'x',
      ],
      /weights-00\.safetensors has the sha256/,
    ],
  ];
  for (const [what, args, message] of files) {
    it(`refuses ${what} with exit code 3 and one sentence`, async () => {
      const { code, out, err } = await unmask(...args());
      expect(err).toMatch(message);
      expect(err).toMatch(/^unmask: [^\n]*[.!?]\n$/);
      expect([code, out]).toEqual([3, '']);
      expect(existsSync(inFolder('new'))).toBe(false);
    });
  }

  it('says with exit code 4 and one sentence that there is no GPU', { timeout: 60_000 }, async () => {
    // In a process of its own, because a process that has opened a GPU keeps it.
    const { spawnSync } = await import('node:child_process');
    const args = [
      'logits',
      '--model',
      shipped,
      '--class',
      '0',
      '--tokens',
      inFolder('tokens.safetensors'),
      '--trace',
      inFolder('x'),
    ];
    const { status, stderr } = spawnSync(process.execPath, [join(project, 'bin', 'unmask.mjs'), ...args], {
      encoding: 'utf8',
      cwd: folder,
      env: { ...process.env, VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json' },
    });
    expect([status, stderr]).toEqual([4, expect.stringMatching(/^unmask: No graphics adapter was found; [^\n]*\.\n$/)]);
  });
});

/** A copy of the model whose first shard has been tampered with. */
function damaged(tamper: (path: string) => void): string {
  const copy = mkdtempSync(inFolder('damaged-'));
  mkdirSync(copy, { recursive: true });
  cpSync(shipped, copy, { recursive: true });
  tamper(join(copy, 'weights-00.safetensors'));
  return copy;
}

function flipLastByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}
