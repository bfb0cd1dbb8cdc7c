import MiniSearch from 'minisearch';
import type { ModelClass } from '../../core/manifest.ts';

/** Answers a search with class numbers, best first, and by which other name each was found. */
export type ClassSearch = (query: string) => readonly { readonly classId: number; readonly alsoCalled?: string }[];

/** An index over names and aliases; beginnings of words and small slips of the keyboard are found too. */
export function classSearch(classes: readonly ModelClass[]): ClassSearch {
  const index = new MiniSearch<{ id: number; name: string; aliases: string }>({
    fields: ['name', 'aliases'],
    searchOptions: { prefix: true, fuzzy: (term) => (term.length > 3 ? 0.25 : false), boost: { name: 2 } },
  });
  index.addAll(classes.map(({ name, aliases }, id) => ({ id, name, aliases: aliases.join(' ') })));
  return (query) => {
    if (!query.trim()) return classes.map((_, classId) => ({ classId }));
    return index.search(query).map(({ id, terms }) => {
      const { name, aliases } = classes[id as number]!;
      const isNamed = terms.some((term) => name.toLowerCase().includes(term));
      const alias = aliases.find((one) => terms.some((term) => one.toLowerCase().includes(term)));
      return { classId: id as number, ...(!isNamed && alias ? { alsoCalled: alias } : {}) };
    });
  };
}
