import fc from 'fast-check';
import { expect, test } from 'vitest';
import { current, record, redo, redoWords, startHistory, undo, undoWords, type History } from './history.ts';

const said = (...steps: string[]): History<string> =>
  steps.reduce((history, step) => record(history, step, `say ${step}`), startHistory('nothing'));

test('undo goes back to the first version and redo to the last one', () => {
  let history = said('one', 'two', 'three');
  for (const expected of ['two', 'one', 'nothing', 'nothing'])
    expect(current((history = undo(history)))).toBe(expected);
  for (const expected of ['one', 'two', 'three', 'three']) expect(current((history = redo(history)))).toBe(expected);
});

test('working on after undo keeps the other branch: nothing is cut off', () => {
  const forked = record(undo(said('one', 'two')), 'other', 'say other');
  expect(current(forked)).toBe('other');
  expect(forked.versions.map(({ value }) => value)).toEqual(['nothing', 'one', 'two', 'other']);
  expect(current(undo(forked))).toBe('one');
  expect(current(redo(undo(forked)))).toBe('other');
});

test('steps of one run are one undo, and another step ends the run', () => {
  let history = record(startHistory(0), 1, 'move', 'move:1');
  history = record(history, 2, 'move', 'move:1');
  history = record(history, 3, 'move', 'move:1');
  history = record(history, 4, 'resize', 'resize:1');
  expect(current(undo(history))).toBe(3);
  expect(current(undo(undo(history)))).toBe(0);
});

test('a run does not go on across undo', () => {
  let history = record(record(startHistory(0), 1, 'move', 'a'), 2, 'turn', 'b');
  history = record(undo(history), 5, 'move', 'a');
  expect(current(undo(history))).toBe(1);
});

test('what undo and redo will do is said in words', () => {
  const history = undo(said('one', 'two'));
  expect(undoWords(history)).toBe('say one');
  expect(redoWords(history)).toBe('say two');
  expect(undoWords(startHistory(0))).toBeUndefined();
  expect(redoWords(said('one'))).toBeUndefined();
});

test('after any walk, undoing everything and redoing as often ends where it began', () => {
  const walk = fc.array(fc.oneof(fc.nat(9), fc.constant('undo'), fc.constant('redo')), { maxLength: 30 });
  fc.assert(
    fc.property(walk, (moves) => {
      let history = startHistory(-1);
      for (const move of moves) {
        history =
          move === 'undo' ? undo(history) : move === 'redo' ? redo(history) : record(history, move as number, '');
      }
      const at = history.at;
      let depth = 0;
      for (; history.versions[history.at]!.from !== undefined; depth++) history = undo(history);
      for (; depth > 0; depth--) history = redo(history);
      expect(history.at).toBe(at);
    }),
  );
});
