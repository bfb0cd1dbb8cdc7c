import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { expectClose } from '../../src/testing/agreement.ts';

/** What was measured, by the name of the test or import that measured it. */
type Results = Record<string, Record<string, unknown>>;

/** `--json FILE`: kept after every part and added to, so that a run may be made of several. */
const file = process.env['FULLSIZE_JSON'];

/** Keep numbers under the running test's name, or under `title` outside of tests. */
export function keep(fields: Readonly<Record<string, unknown>>, title = expect.getState().currentTestName): void {
  if (!file || title === undefined) return;
  const results = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Results;
  results[title] = { ...results[title], ...fields };
  writeFileSync(`${file}.part`, `${JSON.stringify(results, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}

/** Compare with a golden, keeping the largest difference first. @throws where one is above `abs` */
export function expectWithin(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>, abs: number): void {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] !== expected[i]) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  }
  keep({ [`largest difference, ${name}`]: largest });
  console.log(`${name}: largest difference ${largest.toExponential(2)} (allowed ${abs})`);
  expectClose(name, actual, expected, { abs, rel: 0 });
}

/** Compare integers with a golden's, keeping how many agree first. @throws where one differs, saying which */
export function expectEqual(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const [found, wanted] = [Array.from(actual), Array.from(expected)];
  const unequal = wanted.flatMap((value, i) => (value === found[i] ? [] : [i]));
  keep({ [`equal, ${name}`]: `${wanted.length - unequal.length} of ${wanted.length}` });
  console.log(`${name}: ${unequal.length} of ${wanted.length} differ ${unequal.slice(0, 20).join(' ')}`);
  expect(found, name).toEqual(wanted);
}
