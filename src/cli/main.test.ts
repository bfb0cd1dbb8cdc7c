import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importToy, unmask, type Said } from '../testing/commandLine.ts';

const folder = mkdtempSync(join(tmpdir(), 'unmask-main-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const said = (...args: string[]): Promise<Said> => unmask(args, folder);

/** The shipped models of a project whose only model is the imported official one. */
const shipped = join(folder, 'public', 'models', 'toy');
const toy = ['--model', 'toy'];
/** A model.json like it that says its network draws token by token. */
const raster = inFolder('toy-raster');

beforeAll(async () => {
  const names = inFolder('names.json');
  writeFileSync(names, JSON.stringify(['fox, red fox', ...Array.from({ length: 9 }, (_, i) => `thing ${i}`)]));
  expect(await importToy(shipped, '--classes', names)).toEqual({ code: 0, out: '', err: '' });
  const { config, ...manifest } = JSON.parse(readFileSync(join(shipped, 'model.json'), 'utf8'));
  const transformer = { ...config.transformer, order: 'raster' };
  mkdirSync(raster);
  const causal = { ...manifest, id: 'toy-raster', config: { ...config, transformer } };
  writeFileSync(join(raster, 'model.json'), JSON.stringify(causal));
});

describe('unmask', () => {
  it('lists the models that are here', async () => {
    expect(await said('models')).toEqual({
      code: 0,
      out: 'toy\ttoy\t96 px, 6 × 6 tokens, 10 classes, 2.1 MB\n',
      err: '',
    });
  });

  it('lists the classes of a model, each with its index and its aliases', async () => {
    const { code, out } = await said('models', ...toy);
    expect([code, out.split('\n').slice(0, 3)]).toEqual([0, ['0\tfox\tred fox', '1\tthing 0', '2\tthing 1']]);
    expect(out.trimEnd().split('\n')).toHaveLength(10);
  });

  it('explains itself', async () => {
    expect((await said('--help')).out).toMatch(/generate .*paint pictures of a class/);
    expect((await said('edit', '--help')).out).toMatch(/--box row,col,height,width:CLASS[^]*--outpaint right:2/);
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
    ['an empty name of a model', ['models', '--model', ''], /no model ""; the models here are toy/],
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
    ['a bench of a model that cannot paint', ['bench', '--model', raster], /The model toy-raster draws one token/],
    ['nothing to import', ['import', '--out', 'x'], /nothing to import/],
    [
      'an unknown type',
      ['import', '--tokenizer', 'x', '--out', 'y', '--dtype', 'f64'],
      /--dtype must be one of f32, f16, int8/,
    ],
  ];
  for (const [what, args, message] of usage) {
    it(`refuses ${what} with exit code 2 and one sentence`, async () => {
      const { code, out, err } = await said(...args);
      expect(err).toMatch(message);
      expect(err).toMatch(/^unmask: [^\n]*[.!?]\n$/);
      expect([code, out]).toEqual([2, '']);
    });
  }
});
