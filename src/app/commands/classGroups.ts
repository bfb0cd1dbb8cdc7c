import type { ModelClass } from '../../core/manifest.ts';
import type { ClassHit } from './classSearch.ts';

/** Classes of one kind, to look through where nobody knows what to type. */
export interface ClassGroup {
  readonly name: string;
  readonly hits: readonly ClassHit[];
}

/** WordNet's kinds that say something to everyone, as a person would call a shelf of them. */
const named: readonly (readonly [kind: string, name: string])[] = [
  ['dog', 'Dogs'],
  ['feline', 'Cats'],
  ['bird', 'Birds'],
  ['ungulate', 'Hoofed animals'],
  ['primate', 'Monkeys and apes'],
  ['reptile', 'Reptiles'],
  ['fish', 'Fish'],
  ['insect', 'Insects'],
  ['fungus', 'Mushrooms'],
  ['fruit', 'Fruit'],
  ['vegetable', 'Vegetables'],
  ['dish', 'Dishes'],
  ['vehicle', 'Vehicles'],
  ['building', 'Buildings'],
  ['geological formation', 'Landscapes'],
  ['furniture', 'Furniture'],
  ['clothing', 'Clothes'],
  ['musical instrument', 'Music'],
  ['sports equipment', 'Sports'],
  ['tool', 'Tools'],
];
/** Fewer classes are seen without a group. */
const FEWEST = 4;

/** The groups that a model's classes fall into; none where its classes are not said to be kinds of anything. */
export function classGroups(classes: readonly ModelClass[]): readonly ClassGroup[] {
  return named.flatMap(([kind, name]) => {
    const hits = classes.flatMap(({ kinds }, classId) => (kinds?.includes(kind) ? [{ classId }] : []));
    return hits.length < FEWEST ? [] : [{ name, hits }];
  });
}
