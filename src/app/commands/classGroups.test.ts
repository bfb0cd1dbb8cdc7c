import { expect, it } from 'vitest';
import { classGroups } from './classGroups.ts';

const kindsOf = (kinds: readonly string[]) => ({ name: 'one', aliases: [], kinds });

it('groups are made of the kinds that a model has several classes of, in the order of the classes', () => {
  const classes = [
    kindsOf(['terrier', 'dog']),
    kindsOf(['car', 'vehicle']),
    ...Array.from({ length: 3 }, () => kindsOf(['hound', 'dog'])),
  ];
  expect(classGroups(classes)).toEqual([
    { name: 'Dogs', hits: [{ classId: 0 }, { classId: 2 }, { classId: 3 }, { classId: 4 }] },
  ]);
});

it('there are none where classes are not said to be kinds of anything', () => {
  expect(classGroups([{ name: 'dog', aliases: [] }])).toEqual([]);
});
