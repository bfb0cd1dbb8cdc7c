import { describe, expect, it } from 'vitest';
import { classSearch, everyClass } from './classSearch.ts';
import { tinyManifest } from '../testing/fakeDesk.ts';

const search = await classSearch(tinyManifest.classes);
const found = (query: string) => search(query).map(({ classId }) => tinyManifest.classes[classId]!.name);

describe('classSearch', () => {
  it('offers every class, in their order, while nothing is typed', () => {
    expect(found(' ')).toEqual(['dog', 'fox', 'castle']);
    expect(search('')).toEqual(everyClass(tinyManifest.classes));
  });

  it('finds beginnings of words and other names, and says which', () => {
    expect(found('ca')).toEqual(['castle']);
    expect(search('pala')).toMatchObject([{ classId: 2, alsoCalled: 'palace' }]);
    expect(search('castle')[0]).not.toHaveProperty('alsoCalled');
  });

  it('forgives a slip of the keyboard in a longer word', () => {
    expect(found('casle')).toEqual(['castle']);
    expect(found('pupy')).toEqual(['dog']);
  });

  it('finds what is a kind of the word, behind what is called so, and says of what', async () => {
    const animals = await classSearch([
      { name: 'pug', aliases: [], kinds: ['toy dog', 'dog'] },
      { name: 'dogsled', aliases: ['sledge'], kinds: ['vehicle'] },
      { name: 'Eskimo dog', aliases: ['husky'], kinds: ['working dog', 'dog'] },
      { name: 'tabby', aliases: [], kinds: ['cat'] },
    ]);
    expect(animals('dog').map(({ classId }) => classId)).toEqual([2, 0, 1]);
    expect(animals('dog')[1]).toEqual({ classId: 0, kind: 'dog' });
    expect(animals('vehic')).toEqual([{ classId: 1, kind: 'vehicle' }]);
  });

  it('finds nothing for what the model does not know', () => {
    expect(found('submarine')).toEqual([]);
  });
});
