import { describe, expect, it } from 'vitest';
import { classSearch } from './classSearch.ts';
import { tinyManifest } from '../testing/fakeDesk.ts';

const search = classSearch(tinyManifest.classes);
const found = (query: string) => search(query).map(({ classId }) => tinyManifest.classes[classId]!.name);

describe('classSearch', () => {
  it('offers every class, in their order, while nothing is typed', () => {
    expect(found(' ')).toEqual(['dog', 'fox', 'castle']);
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

  it('finds nothing for what the model does not know', () => {
    expect(found('submarine')).toEqual([]);
  });
});
