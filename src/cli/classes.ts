import type { ModelConfig } from '../core/config.ts';
import type { ModelClass, ModelManifest } from '../core/manifest.ts';
import { quoted, UsageError } from './flags.ts';

/**
 * The class that a name, an alias or an index means; case does not matter, a name goes before an alias of another.
 * @throws UsageError naming what comes close, or the range of indices
 */
export function findClass({ classes, config }: Pick<ModelManifest, 'classes' | 'config'>, wanted: string): number {
  const count = classCount(config);
  if (/^[+-]?\d+$/.test(wanted)) {
    const least = config.transformer?.nullClass ? -1 : 0;
    const index = Number(wanted);
    if (index >= least && index < count) return index;
    throw new UsageError(`--class must be an index from ${least} to ${count - 1}, it is ${quoted(wanted)}.`);
  }
  const word = wanted.trim().toLowerCase();
  const byName = classes.findIndex(({ name }) => name.toLowerCase() === word);
  const found =
    byName >= 0 ? byName : classes.findIndex(({ aliases }) => aliases.some((alias) => alias.toLowerCase() === word));
  if (found >= 0) return found;
  if (classes.length === 0) {
    throw new UsageError(`This model's classes have no names, give --class an index from 0 to ${count - 1}.`);
  }
  const close = nearest(classes, word);
  const perhaps = close.length > 0 ? `, perhaps ${close.join(', ')}` : '';
  throw new UsageError(`There is no class ${quoted(wanted)}${perhaps}; unmask models --model NAME lists all ${count}.`);
}

/** @throws UsageError when the model has none */
export function classCount({ transformer }: ModelConfig): number {
  if (transformer !== undefined) return transformer.classes;
  throw new UsageError('This model holds a tokenizer only and has no classes; give a model with a transformer.');
}

/**
 * Up to five names: those that are a kind of the word first, then those that contain it, then those that it may be a slip
 * of, then those that begin like it.
 */
function nearest(classes: readonly ModelClass[], word: string): readonly string[] {
  if (word === '') return [];
  const start = word.slice(0, 3);
  const isNear: readonly ((name: string) => boolean)[] = [
    (name) => name.includes(word),
    (name) => isSlip(word, name),
    (name) => name.startsWith(start),
  ];
  const ofKind = classes.filter(({ kinds = [] }) => kinds.some((kind) => kind.toLowerCase() === word));
  const alike = isNear.flatMap((near) =>
    classes.filter(({ name, aliases }) => [name, ...aliases].some((each) => near(each.toLowerCase()))),
  );
  return [...new Set([...ofKind, ...alike])].slice(0, 5).map(({ name }) => name);
}

/** Whether two letters at most were left out, put in or changed, and one at most in a short word. */
function isSlip(word: string, name: string): boolean {
  const most = word.length < 5 ? 1 : 2;
  if (Math.abs(word.length - name.length) > most) return false;
  // Edits from the first letters of the word to the first `i` letters of the name.
  let edits = Array.from({ length: name.length + 1 }, (_, i) => i);
  for (let k = 0; k < word.length; k++) {
    const next = [k + 1];
    for (let i = 0; i < name.length; i++) {
      const changed = edits[i]! + (word[k] === name[i] ? 0 : 1);
      next.push(Math.min(changed, edits[i + 1]! + 1, next[i]! + 1));
    }
    edits = next;
  }
  return edits.at(-1)! <= most;
}
