import type { PickleMachine } from './pickle.ts';
import type { PickleValue } from './pickleValues.ts';

type Operation = (machine: PickleMachine) => void;
const constant =
  (value: PickleValue): Operation =>
  (machine) =>
    machine.push(value);
const tupleOf =
  (length: number): Operation =>
  (machine) => {
    const items = Array.from({ length }, () => machine.pop()).toReversed();
    machine.push(machine.list(items));
  };
const refused =
  (what: string): Operation =>
  (machine) =>
    machine.cursor.fail(`the opcode ${what} is not supported`);

/** Opcodes of protocols 0 to 5, named as in Python's pickletools; STOP is the caller's. */
export const opcodes: ReadonlyMap<number, Operation> = new Map([
  // Stack and memo
  letter('(', (m) => m.mark()),
  letter('0', (m) => m.drop()),
  letter('1', (m) => void m.popMark()),
  letter('2', (m) => m.push(m.top())),
  letter('p', (m) => m.store(Number(m.cursor.integerLine()))),
  letter('q', (m) => m.store(m.cursor.u8())),
  letter('r', (m) => m.store(m.cursor.u32())),
  [0x94, (m) => m.storeNext()],
  letter('g', (m) => m.recall(Number(m.cursor.integerLine()))),
  letter('h', (m) => m.recall(m.cursor.u8())),
  letter('j', (m) => m.recall(m.cursor.u32())),
  [0x80, (m) => m.protocol(m.cursor.u8())],
  [0x95, frame],
  // Numbers
  letter('N', constant(null)),
  [0x88, constant(true)],
  [0x89, constant(false)],
  letter('I', integerOrBoolean),
  letter('L', (m) => m.push(m.cursor.integerLine())),
  letter('J', (m) => m.push(m.cursor.i32())),
  letter('K', (m) => m.push(m.cursor.u8())),
  letter('M', (m) => m.push(m.cursor.u16())),
  [0x8a, (m) => m.push(m.cursor.integer(m.cursor.u8()))],
  [0x8b, (m) => m.push(m.cursor.integer(m.cursor.u32()))],
  letter('F', (m) => m.push(Number(m.cursor.line()))),
  letter('G', (m) => m.push(m.cursor.f64())),
  // Texts and bytes; those of Python 2 are read as Latin-1
  letter('S', (m) => m.push(m.cursor.line().slice(1, -1))),
  letter('T', (m) => m.push(m.cursor.latin1(m.cursor.u32()))),
  letter('U', (m) => m.push(m.cursor.latin1(m.cursor.u8()))),
  letter('V', (m) => m.push(unescaped(m.cursor.line()))),
  letter('X', (m) => m.push(m.cursor.utf8(m.cursor.u32()))),
  [0x8c, (m) => m.push(m.cursor.utf8(m.cursor.u8()))],
  [0x8d, (m) => m.push(m.cursor.utf8(m.cursor.u64()))],
  letter('B', (m) => m.push(m.cursor.take(m.cursor.u32()))),
  letter('C', (m) => m.push(m.cursor.take(m.cursor.u8()))),
  [0x8e, (m) => m.push(m.cursor.take(m.cursor.u64()))],
  [0x96, (m) => m.push(m.cursor.take(m.cursor.u64()))],
  // Containers
  letter('}', (m) => m.push(m.dict([]))),
  letter('d', (m) => m.push(m.dict(m.popMark()))),
  letter('s', setItem),
  letter('u', (m) => under(m, (items) => m.setItems(m.top(), items))),
  letter(']', (m) => m.push(m.list([]))),
  letter('l', (m) => m.push(m.list(m.popMark()))),
  letter('a', (m) => under(m, (items) => m.append(m.top(), items), 1)),
  letter('e', (m) => under(m, (items) => m.append(m.top(), items))),
  letter(')', (m) => m.push(m.list([]))),
  letter('t', (m) => m.push(m.list(m.popMark()))),
  [0x85, tupleOf(1)],
  [0x86, tupleOf(2)],
  [0x87, tupleOf(3)],
  [0x8f, (m) => m.push(m.list([]))],
  [0x90, (m) => under(m, (items) => m.append(m.top(), items))],
  [0x91, (m) => m.push(m.list(m.popMark()))],
  // Classes, calls and references
  letter('c', (m) => m.push(m.global(m.cursor.line(), m.cursor.line()))),
  [0x93, stackGlobal],
  letter('i', (m) => m.push(m.call(m.global(m.cursor.line(), m.cursor.line()), m.popMark()))),
  letter('o', callMarked),
  letter('R', call),
  [0x81, call],
  [0x92, callWithKeywords],
  letter('b', (m) => m.build(m.pop())),
  letter('Q', (m) => m.persistent(m.pop())),
  letter('P', refused('PERSID')),
  [0x82, refused('EXT1')],
  [0x83, refused('EXT2')],
  [0x84, refused('EXT4')],
  [0x97, refused('NEXT_BUFFER')],
  [0x98, refused('READONLY_BUFFER')],
]);

function letter(opcode: string, run: Operation): [number, Operation] {
  return [opcode.charCodeAt(0), run];
}

/** The items above the mark (or the one on top) leave the stack before what lies under them is looked at. */
function under(machine: PickleMachine, use: (items: PickleValue[]) => void, count?: 1): void {
  use(count === 1 ? [machine.pop()] : machine.popMark());
}

function frame(machine: PickleMachine): void {
  const length = machine.cursor.u64();
  machine.cursor.need(length);
}

/** Protocol 0 writes True and False as 01 and 00. */
function integerOrBoolean(machine: PickleMachine): void {
  const { cursor } = machine;
  const start = cursor.place;
  const line = cursor.line();
  if (line === '00' || line === '01') return machine.push(line === '01');
  cursor.place = start;
  machine.push(cursor.integerLine());
}

/** Escapes of protocol 0's texts: \u with 4 and \U with 8 hexadecimal digits. */
function unescaped(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U(00[01][0-9a-fA-F]{5})/g, (whole, short?: string, long?: string) => {
    const code = parseInt(short ?? long!, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function setItem(machine: PickleMachine): void {
  const value = machine.pop();
  const key = machine.pop();
  machine.setItems(machine.top(), [key, value]);
}

function stackGlobal(machine: PickleMachine): void {
  const name = machine.pop();
  machine.push(machine.global(machine.pop(), name));
}

function callMarked(machine: PickleMachine): void {
  const [callee, ...args] = machine.popMark();
  if (callee === undefined) return machine.cursor.fail('the stack has nothing to call');
  machine.push(machine.call(callee, args));
}

function call(machine: PickleMachine): void {
  const args = machine.pop();
  machine.push(machine.call(machine.pop(), args));
}

function callWithKeywords(machine: PickleMachine): void {
  machine.pop();
  call(machine);
}
