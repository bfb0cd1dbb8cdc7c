import MiniSearch, { type SearchResult } from 'minisearch';
import type { ModelClass } from '../../core/manifest.ts';

/** A class that a search found, and by what, where its name does not say it. */
export interface ClassHit {
  readonly classId: number;
  /** Another name of it. */
  readonly alsoCalled?: string;
  /** What it is a kind of. */
  readonly kind?: string;
}

/** Answers a search with class numbers, best first. */
export type ClassSearch = (query: string) => readonly ClassHit[];

/** Documents that are indexed at once, a few milliseconds' worth. */
const slices = { chunkSize: 64 };

const searchOptions = { prefix: true, fuzzy: (term: string) => (term.length > 3 ? 0.25 : false) };

/**
 * An index over names, aliases and kinds; beginnings of words and small slips of the keyboard are found too. Whole words
 * go before those, and what a class is called before what it is a kind of. A thousand classes take a fifth of a second,
 * in slices that leave the page alive.
 */
export async function classSearch(classes: readonly ModelClass[]): Promise<ClassSearch> {
  const names = new MiniSearch<{ id: number; name: string; aliases: string }>({
    fields: ['name', 'aliases'],
    searchOptions: { ...searchOptions, boost: { name: 2 } },
  });
  await names.addAllAsync(
    classes.map(({ name, aliases }, id) => ({ id, name, aliases: aliases.join(' ') })),
    slices,
  );
  const byKind = await kindSearch(classes);
  return (query) => {
    if (!query.trim()) return everyClass(classes);
    const named = names.search(query).map((hit) => ({ hit: namedHit(classes, hit), isWhole: isWhole(hit) }));
    const kinds = byKind(query);
    const ranked = [true, false].flatMap((whole) => [...named, ...kinds].filter((found) => found.isWhole === whole));
    const best = new Map<number, ClassHit>();
    for (const { hit } of ranked) if (!best.has(hit.classId)) best.set(hit.classId, hit);
    return [...best.values()];
  };
}

/** Every class, in the model's order. */
export function everyClass(classes: readonly ModelClass[]): readonly ClassHit[] {
  return classes.map((_, classId) => ({ classId }));
}

interface Found {
  readonly hit: ClassHit;
  /** Every word of the query was met as it is, not as the beginning of another one or with a slip. */
  readonly isWhole: boolean;
}

function isWhole({ queryTerms, terms }: SearchResult): boolean {
  return queryTerms.every((term) => terms.includes(term));
}

/** Kinds are indexed once each, not with every class that is one: a dog is a kind of 118 classes. */
async function kindSearch(classes: readonly ModelClass[]): Promise<(query: string) => readonly Found[]> {
  const members = new Map<string, number[]>();
  for (const [classId, { kinds = [] }] of classes.entries()) {
    for (const kind of kinds) {
      const same = members.get(kind);
      if (same === undefined) members.set(kind, [classId]);
      else same.push(classId);
    }
  }
  const kinds = new MiniSearch<{ id: string; kind: string }>({ fields: ['kind'], searchOptions });
  await kinds.addAllAsync(
    [...members.keys()].map((kind) => ({ id: kind, kind })),
    slices,
  );
  return (query) =>
    kinds.search(query).flatMap((found) => {
      const kind = found.id as string;
      return members.get(kind)!.map((classId) => ({ hit: { classId, kind }, isWhole: isWhole(found) }));
    });
}

function namedHit(classes: readonly ModelClass[], { id, terms }: SearchResult): ClassHit {
  const { name, aliases } = classes[id as number]!;
  const isNamed = terms.some((term) => name.toLowerCase().includes(term));
  const alias = aliases.find((one) => terms.some((term) => one.toLowerCase().includes(term)));
  return { classId: id as number, ...(!isNamed && alias ? { alsoCalled: alias } : {}) };
}
