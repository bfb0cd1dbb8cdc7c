import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../core/config.ts';
import { findClass } from './classes.ts';

const network = {
  width: 8,
  layers: 1,
  heads: 1,
  mlp: 8,
  codebook: 8,
  classes: 3,
  layerEps: 1e-12,
  gelu: 'tanh',
} as const;
const config = (nullClass: boolean): ModelConfig => ({
  image: { size: 32, pixelArt: false },
  grid: { rows: 2, cols: 2 },
  transformer: { ...network, nullClass },
});
const named = {
  config: config(true),
  classes: [
    { name: 'fox', aliases: ['red fox', 'cat'] },
    { name: 'cat', aliases: ['kitten'] },
    { name: 'Red panda', aliases: [], kinds: ['carnivore', 'animal'] },
  ],
};

describe('a class', () => {
  it('is found by name, alias or index, and a name goes before an alias', () => {
    expect(['fox', 'RED FOX', 'cat', 'kitten', ' red panda ', '2'].map((word) => findClass(named, word))).toEqual([
      0, 0, 1, 1, 2, 2,
    ]);
  });

  it('is offered by what it is a kind of', () => {
    expect(() => findClass(named, 'Carnivore')).toThrow(/no class "Carnivore", perhaps Red panda;/);
  });

  it('may be "no class", -1, where the model has it', () => {
    expect(findClass(named, '-1')).toBe(-1);
    expect(() => findClass({ ...named, config: config(false) }, '-1')).toThrow(/an index from 0 to 2, it is "-1"/);
  });

  it('that does not exist is refused with what comes close', () => {
    expect(() => findClass(named, 'panda bear')).toThrow(/no class "panda bear"/);
    expect(() => findClass(named, 'panda')).toThrow(/no class "panda", perhaps Red panda;/);
    expect(() => findClass(named, '3')).toThrow(/an index from -1 to 2/);
    expect(() => findClass({ ...named, classes: [] }, 'fox')).toThrow(/no names, give --class an index from 0 to 2/);
  });

  it('that does not exist is refused with where all of them are listed', () => {
    const listed = 'unmask models --model NAME lists all 3.';
    expect(() => findClass(named, 'zebra')).toThrow(`There is no class "zebra"; ${listed}`);
    expect(() => findClass(named, '')).toThrow(`There is no class ""; ${listed}`);
    expect(() => findClass(named, 'panda')).toThrow(`There is no class "panda", perhaps Red panda; ${listed}`);
  });

  it('with a slip or two is offered as it is written', () => {
    for (const word of ['ktten', 'kiten', 'kittien', 'mitten']) {
      expect(() => findClass(named, word)).toThrow(`no class "${word}", perhaps cat;`);
    }
    expect(() => findClass(named, 'dox')).toThrow('no class "dox", perhaps fox;');
    // Two slips in three letters are another word.
    expect(() => findClass(named, 'dot')).toThrow('no class "dot"; unmask');
  });

  it('cannot be asked of a tokenizer alone', () => {
    const { transformer: _, ...tokenizerOnly } = config(true);
    expect(() => findClass({ config: tokenizerOnly, classes: [] }, '0')).toThrow(/tokenizer only/);
  });
});
