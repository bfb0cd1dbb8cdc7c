import { describe, expect, it } from 'vitest';
import { imagenetClasses } from './imagenetClasses.ts';

const classes = await imagenetClasses();
const kindsOf = (index: number) => classes[index]!.kinds!;
const countOf = (kind: string) => classes.filter(({ kinds = [] }) => kinds.includes(kind)).length;

describe('the classes of ImageNet', () => {
  it.each([
    [0, 'tench'],
    [1, 'goldfish'],
    [7, 'cock'],
    [90, 'lorikeet'],
    [207, 'golden retriever'],
    [248, 'Eskimo dog'],
    [281, 'tabby'],
    [282, 'tiger cat'],
    [345, 'ox'],
    [388, 'giant panda'],
    [404, 'airliner'],
    [604, 'hourglass'],
    [681, 'notebook'],
    [850, 'teddy'],
    [954, 'banana'],
    [985, 'daisy'],
    [987, 'corn'],
    [999, 'toilet tissue'],
  ])('are numbered as everywhere: %i is the %s', (index, name) => {
    expect(classes[index]!.name).toBe(name);
  });

  it('are a thousand, each with a name of its own in small letters and in capitals', () => {
    expect(classes).toHaveLength(1000);
    expect(new Set(classes.map(({ name }) => name.toLowerCase())).size).toBe(1000);
    expect([134, 517, 638, 639].map((index) => classes[index]!.name)).toEqual([
      'crane (wading bird)',
      'crane (lifting device)',
      'maillot (tights)',
      'maillot (swimsuit)',
    ]);
  });

  it('have the other names that WordNet gives them', () => {
    expect(classes[282]!.aliases).toEqual([]);
    expect(classes[999]!.aliases).toContain('toilet paper');
    expect(classes[134]!.aliases).toContain('crane');
  });

  it('know what they are kinds of, the nearest first, without kinds that say nothing', () => {
    expect(kindsOf(207).slice(0, 3)).toEqual(['retriever', 'sporting dog', 'gun dog']);
    expect(kindsOf(207)).toEqual(expect.arrayContaining(['dog', 'animal']));
    expect(kindsOf(954)).toContain('fruit');
    expect([countOf('dog'), countOf('bird'), countOf('snake'), countOf('musical instrument')]).toEqual([
      118, 59, 17, 26,
    ]);
    expect(countOf('entity') + countOf('organism')).toBe(0);
  });
});
