import { describe, expect, it } from 'vitest';
import { any, choice, number, optional, parseFlags, path, png, required, text, UsageError, whole } from './flags.ts';

const flags = {
  model: required(text),
  seed: optional(whole(0, 2 ** 32 - 1)),
  temperature: optional(number(0, 10)),
  schedule: optional(choice(['cosine', 'linear'])),
  out: optional(path),
  picture: optional(png),
};
const parse = (...args: string[]): unknown => parseFlags(args, flags, 'generate');

describe('flags', () => {
  it('are read as --flag value and as --flag=value', () => {
    expect(parse('--model', 'mini', '--seed=7', '--temperature', '1e-1', '--schedule', 'linear')).toEqual({
      model: 'mini',
      seed: 7,
      temperature: 0.1,
      schedule: 'linear',
      out: undefined,
      picture: undefined,
    });
  });

  it('take any name for a picture that promises nothing else', () => {
    const taken = (name: string): unknown => parseFlags(['--picture', name], { picture: required(png) }, 'generate');
    for (const name of ['fox.png', 'fox.PNG', 'fox', '/dev/stdout', 'fox.jpg.png'])
      expect(taken(name)).toEqual({ picture: name });
  });

  const refusals: [string, string[], RegExp][] = [
    ['one that does not exist', ['--frob', '1'], /generate has no flag "--frob", it takes --model, --seed/],
    ['one that every object has', ['--constructor', '1'], /no flag "--constructor"/],
    ['a word that is no flag', ['mini'], /does not understand "mini"/],
    ['one without its value', ['--model'], /--model needs a value/],
    ['one whose value is the next flag', ['--model', '--seed', '7'], /--model needs a value/],
    ['the same one twice', ['--model', 'a', '--model', 'b'], /--model is given twice/],
    ['a missing one that is needed', ['--seed', '1'], /--model is missing/],
    [
      'a number out of range',
      ['--model', 'm', '--seed', '4294967296'],
      /--seed must be a whole number from 0 to 4294967295, it is "4294967296"/,
    ],
    ['a negative number', ['--model', 'm', '--seed', '-1'], /--seed must be/],
    ['a fraction where a whole number is wanted', ['--model', 'm', '--seed', '1.5'], /--seed must be a whole number/],
    [
      'a number with junk behind',
      ['--model', 'm', '--temperature', '1x'],
      /--temperature must be a number from 0 to 10/,
    ],
    ['NaN, Infinity and hexadecimal', ['--model', 'm', '--temperature', 'Infinity'], /--temperature must be/],
    ['a word that is no choice', ['--model', 'm', '--schedule', 'sine'], /--schedule must be one of cosine, linear/],
    [
      'a picture of another kind',
      ['--model', 'm', '--picture', 'fox.JPG'],
      /--picture writes a PNG, .* not end in \.JPG\./,
    ],
    ['an empty path', ['--model', 'm', '--out='], /--out must name a file/],
  ];
  for (const [what, args, message] of refusals) {
    it(`refuse ${what}, in one sentence`, () => {
      expect(() => parse(...args)).toThrow(message);
      expect(() => parse(...args)).toThrow(UsageError);
    });
  }

  it('may repeat where they say so, and keep their order', () => {
    const boxes = { box: any(text) };
    expect(parseFlags(['--box', 'b', '--box', 'a'], boxes, 'edit')).toEqual({ box: ['b', 'a'] });
    expect(parseFlags([], boxes, 'edit')).toEqual({ box: [] });
  });
});
