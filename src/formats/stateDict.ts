import { PickleDict, PickleGlobal, quoted, refusedKeys, refusePickle, type PickleValue } from './pickleValues.ts';
import { TorchView } from './torchPickle.ts';

/** Lightning checkpoints have six levels. */
const depthLimit = 32;
const itemLimit = 100_000;
const keyLimit = 1000;
const nameLimit = 2000;
const metadataLimit = 1000;
const textLimit = 200;

/** What a checkpoint holds, flattened: tensors and the plain values beside them, by their path joined with '.'. */
export interface FlatCheckpoint {
  readonly tensors: ReadonlyMap<string, TorchView>;
  readonly metadata: ReadonlyMap<string, string>;
}

interface Level {
  readonly container: PickleValue;
  readonly children: Iterator<readonly [PickleValue, PickleValue]>;
  readonly path: string;
}

/**
 * Walk dicts and lists from the root of a pickle. Objects of unknown classes are entered only for the items that they
 * hold as dicts; a container within itself is entered once.
 * @throws Failure BadFile when two tensors share a name, when there is none, or when there is too much of anything.
 */
export function flatten(root: PickleValue, fileName: string): FlatCheckpoint {
  const tensors = new Map<string, TorchView>();
  const metadata = new Map<string, string>();
  const onPath = new Set<PickleValue>();
  const levels: Level[] = [];
  const enter = (container: PickleValue, path: string): void => {
    const children = childrenOf(container);
    if (children === undefined || onPath.has(container)) return;
    if (levels.length >= depthLimit)
      refusePickle(fileName, `it is nested deeper than the limit of ${depthLimit} levels`);
    onPath.add(container);
    levels.push({ container, children, path });
  };
  enter(root, '');
  for (let items = 0; levels.length > 0; items++) {
    if (items > itemLimit) refusePickle(fileName, `it holds more than the limit of ${itemLimit} items`);
    const { container, children, path } = levels.at(-1)!;
    const next = children.next();
    if (next.done === true) {
      onPath.delete(container);
      levels.pop();
      continue;
    }
    const [key, value] = next.value;
    const name = nameOf(path, key, fileName);
    if (name === undefined) continue;
    if (value instanceof TorchView) addTensor(tensors, name, value, fileName);
    else enter(value, name);
    if (metadata.size < metadataLimit && isPlain(value)) metadata.set(name, String(value).slice(0, textLimit));
  }
  if (tensors.size === 0) {
    const advice = 'save the state_dict() of the model instead of the model';
    refusePickle(fileName, 'it is empty: no tensor was found in its dictionaries', advice);
  }
  return { tensors, metadata };
}

function addTensor(tensors: Map<string, TorchView>, name: string, value: TorchView, fileName: string): void {
  if (tensors.has(name)) refusePickle(fileName, `it has a duplicate tensor ${quoted(name)}`);
  tensors.set(name, value);
}

function childrenOf(value: PickleValue): Iterator<readonly [PickleValue, PickleValue]> | undefined {
  if (value instanceof PickleDict) return value.entries.entries();
  return Array.isArray(value) ? value.entries() : undefined;
}

function isPlain(value: PickleValue): value is string | number | boolean | bigint {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** The name of a child; undefined where its key has no text, so that nothing under it can be asked for. */
function nameOf(path: string, key: PickleValue, fileName: string): string | undefined {
  const text =
    key instanceof PickleGlobal ? key.name : isPlain(key) || typeof key === 'bigint' ? String(key) : undefined;
  if (text === undefined) return undefined;
  if (refusedKeys.has(text)) refusePickle(fileName, `the key "${text}" is not allowed in a checkpoint`);
  if (text.length > keyLimit || path.length > nameLimit)
    refusePickle(fileName, `the name ${quoted(path || text)} is too long`);
  return path === '' ? text : `${path}.${text}`;
}
