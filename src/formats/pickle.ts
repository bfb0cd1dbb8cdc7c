import { PickleCursor } from './pickleCursor.ts';
import { opcodes } from './pickleOpcodes.ts';
import {
  isDeniedGlobal,
  PickleDict,
  PickleGlobal,
  PickleStub,
  quoted,
  refusePickle,
  type PickleList,
  type PickleValue,
} from './pickleValues.ts';

/** A checkpoint of 2,000 tensors with its optimizer takes about 150,000 steps, 40,000 objects. */
const stepLimit = 500_000;
/** Dicts, lists, tuples and stubs; each takes a few hundred bytes here. */
const containerLimit = 100_000;
const newestProtocol = 5;
const stop = 0x2e;

/** What a reader of a certain kind of file adds: its own constructors, of data only. */
export interface PickleRules {
  /** The value that the listed constructor makes of its arguments; undefined when `name` is not listed. */
  construct(name: string, args: PickleList): PickleValue | undefined;
  /** What a persistent id (a reference to something outside the pickle) stands for. */
  persistent(id: PickleValue): PickleValue;
}

/**
 * The value that a pickle describes. Nothing of it is ever run: names of classes and functions stay texts, calls of
 * unlisted ones become stubs, and names that could only be meant to run code refuse the file. Memory and steps are
 * bounded; nothing recurs.
 * @param window the bytes at hand, possibly only the first part of `sizeBytes`.
 * @returns the value and the offset behind it.
 * @throws Failure BadFile naming file, place and cause; PickleGoesOn when the window is too short.
 */
export function unpickle(
  fileName: string,
  window: Uint8Array,
  rules: PickleRules,
  start = 0,
  sizeBytes = window.byteLength,
): { value: PickleValue; end: number } {
  const cursor = new PickleCursor(fileName, window, start, sizeBytes);
  const machine = new PickleMachine(cursor, rules);
  for (let step = 0; step < stepLimit; step++) {
    const opcode = cursor.u8();
    if (opcode === stop) return { value: machine.pop(), end: cursor.place };
    const run = opcodes.get(opcode);
    if (run === undefined) cursor.fail(`the opcode 0x${opcode.toString(16)} is unknown or not supported`);
    run!(machine);
  }
  return refusePickle(fileName, `its pickle takes more than the limit of ${stepLimit} steps`);
}

/** The stack machine that a pickle is a program for. */
export class PickleMachine {
  readonly cursor: PickleCursor;
  private readonly rules: PickleRules;
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack where marks lie; nothing is popped from below the last one. */
  private readonly marks: number[] = [];
  /** A map, because a stranger chooses the indices. */
  private readonly memo = new Map<number, PickleValue>();
  private containers = 0;

  constructor(cursor: PickleCursor, rules: PickleRules) {
    this.cursor = cursor;
    this.rules = rules;
  }

  protocol(version: number): void {
    if (version > newestProtocol) this.cursor.fail(`the pickle protocol ${version} is unknown`);
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  top(): PickleValue {
    const value = this.stack[this.stack.length - 1];
    if (value === undefined || this.stack.length <= (this.marks.at(-1) ?? 0)) this.cursor.fail('the stack underflows');
    return value!;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** Everything above the last mark, which goes with it. */
  popMark(): PickleList {
    const height = this.marks.pop();
    if (height === undefined) return this.cursor.fail('a mark is missing on the stack');
    return this.stack.splice(height);
  }

  /** POP takes a mark away where one lies on top. */
  drop(): void {
    if (this.marks.length > 0 && this.marks.at(-1) === this.stack.length) this.marks.pop();
    else this.pop();
  }

  store(index: number): void {
    this.memo.set(index, this.top());
  }

  storeNext(): void {
    this.store(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) this.cursor.fail(`the memo has nothing at ${index}`);
    this.push(value!);
  }

  /** Count a new container, so that a short pickle cannot fill the memory. */
  charge(): void {
    if (++this.containers > containerLimit)
      this.cursor.fail(`it holds more than the limit of ${containerLimit} objects`);
  }

  list(items: PickleList): PickleList {
    this.charge();
    return items;
  }

  dict(items: PickleList): PickleDict {
    this.charge();
    const dict = new PickleDict();
    this.setItems(dict, items);
    return dict;
  }

  /** Keys and values in turn. Unknown objects that act as dicts keep theirs, too. */
  setItems(target: PickleValue, items: PickleList): void {
    if (!(target instanceof PickleDict)) return this.cursor.fail('items are set on something that is no dict');
    if (items.length % 2 === 1) this.cursor.fail('the stack holds a key without a value');
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!;
      if (target.entries.has(key)) {
        this.cursor.fail(`duplicate key ${typeof key === 'string' ? `"${quoted(key)}"` : 'in a dict'}`);
      }
      target.entries.set(key, items[i + 1]!);
    }
  }

  append(target: PickleValue, items: PickleList): void {
    const list = target instanceof PickleStub ? target.items : target;
    if (!Array.isArray(list)) return this.cursor.fail('something is appended to what is no list');
    for (const item of items) list.push(item);
  }

  global(module: PickleValue, name: PickleValue): PickleGlobal {
    if (typeof module !== 'string' || typeof name !== 'string') return this.cursor.fail('a global has no name');
    if (isDeniedGlobal(module, name)) {
      const cause = `its pickle names ${quoted(`${module}.${name}`)}, which is not allowed because it could run code`;
      refusePickle(this.cursor.fileName, cause, 'nothing was run, do not use this file elsewhere');
    }
    this.charge();
    return new PickleGlobal(`${module}.${name}`);
  }

  /** What `callee(*args)` would make: a listed constructor's value, or a stub. */
  call(callee: PickleValue, args: PickleValue): PickleValue {
    if (!Array.isArray(args)) return this.cursor.fail('the arguments of a call are no tuple');
    if (!(callee instanceof PickleGlobal) && !(callee instanceof PickleStub)) {
      return this.cursor.fail('something that is no class or function is called');
    }
    this.charge();
    if (callee instanceof PickleGlobal) {
      const value = this.construct(callee.name, args);
      if (value !== undefined) return value;
    }
    return new PickleStub(callee.name, args);
  }

  /** State of an object: kept on a stub, of no use on what we build ourselves. */
  build(state: PickleValue): void {
    const target = this.top();
    if (target instanceof PickleStub) target.state = state;
  }

  persistent(id: PickleValue): void {
    this.push(this.rules.persistent(id));
  }

  private construct(name: string, args: PickleList): PickleValue | undefined {
    if (name !== 'collections.OrderedDict') return this.rules.construct(name, args);
    const [pairs] = args;
    if (pairs === undefined) return new PickleDict();
    if (!Array.isArray(pairs)) return undefined;
    const items: PickleList = [];
    for (const pair of pairs) {
      // A memoised list can be given to many dicts, so its items count each time.
      this.charge();
      if (!Array.isArray(pair) || pair.length !== 2) return this.cursor.fail('an OrderedDict is made of no pairs');
      items.push(...pair);
    }
    return this.dict(items);
  }
}
