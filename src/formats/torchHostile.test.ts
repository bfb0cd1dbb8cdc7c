import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../core/failure.ts';
import { inflateRaw } from '../testing/zipBytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { toF32 } from './dtypes.ts';
import { memoryFile, type RangedFile } from './ranged.ts';

interface HostileFile {
  readonly file: string;
  readonly wrong: string;
  readonly outcome: 'accept' | 'refuse' | 'refuse-or-correct' | 'refuse-or-last-wins';
  readonly message_should_mention_one_of: readonly string[];
  readonly values?: readonly number[];
  readonly values_by_name?: Readonly<Record<string, readonly number[]>>;
}

const folder = new URL('../../golden/hostile-torch/', import.meta.url);
const { files } = JSON.parse(readFileSync(new URL('README.json', folder), 'utf8')) as { files: HostileFile[] };
/** What the good part of every file holds. */
const goodValues = [1, 2, 3, 4, 5, 6];

/** A file that fails the test when more than it has, or 64 MiB at once, is asked for. */
function guarded(file: string): RangedFile {
  const inner = memoryFile(file, readFileSync(new URL(file, folder)));
  return {
    ...inner,
    read(offset, length) {
      expect(offset + length).toBeLessThanOrEqual(inner.sizeBytes);
      return inner.read(offset, length);
    },
  };
}

async function valuesOf(file: string): Promise<Map<string, number[]>> {
  const { tensors } = await openCheckpoint(guarded(file), inflateRaw);
  const values = new Map<string, number[]>();
  for (const [name, tensor] of tensors) values.set(name, [...toF32(await tensor.read(), tensor.dtype)]);
  return values;
}

describe('PyTorch files of strangers', () => {
  let prototypeNames: string[];
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  beforeEach(() => {
    delete (globalThis as { __peerfix_canary?: unknown }).__peerfix_canary;
    prototypeNames = Object.getOwnPropertyNames(Object.prototype);
    for (const name of ['fetch', 'XMLHttpRequest', 'WebSocket', 'Worker']) vi.stubGlobal(name, vi.fn());
    process.on('unhandledRejection', onRejection);
  });
  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', onRejection);
    expect(rejections).toEqual([]);
    expect(globalThis).not.toHaveProperty('__peerfix_canary');
    expect(existsSync('peerfix-canary.txt')).toBe(false);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototypeNames);
    expect(({} as { shape?: unknown }).shape).toBeUndefined();
    for (const name of ['fetch', 'XMLHttpRequest', 'WebSocket', 'Worker'] as const) {
      expect((globalThis as Record<string, unknown>)[name]).not.toHaveBeenCalled();
    }
    vi.unstubAllGlobals();
  });

  it('are all tried', () => {
    const present = readdirSync(folder).filter((file) => file !== 'README.json');
    expect(present.toSorted()).toEqual(files.map(({ file }) => file).toSorted());
  });

  for (const entry of files) {
    it(`${entry.file} (${entry.wrong}): ${entry.outcome}`, { timeout: 5000 }, async () => {
      const memoryBefore = process.memoryUsage();
      const startMs = performance.now();
      const outcome = await valuesOf(entry.file).catch((error: unknown) => error);
      expect(performance.now() - startMs).toBeLessThan(1000);
      const memory = process.memoryUsage();
      expect(memory.arrayBuffers - memoryBefore.arrayBuffers).toBeLessThan(64 * 2 ** 20);
      expect(memory.heapUsed - memoryBefore.heapUsed).toBeLessThan(64 * 2 ** 20);
      expectOutcome(entry, outcome);
      expect(await valuesOf('ok_zip.pt')).toEqual(new Map([['state_dict.w', goodValues]]));
    });
  }
});

function expectOutcome(entry: HostileFile, outcome: unknown): void {
  if (outcome instanceof Map) {
    expect(entry.outcome).not.toBe('refuse');
    const values = [...(outcome as Map<string, number[]>)].map(([name, numbers]) => [name.split('.').at(-1), numbers]);
    const expected = entry.values_by_name ?? { w: entry.values ?? goodValues };
    expect(Object.fromEntries(values)).toEqual(expected);
    return;
  }
  expect(outcome).toBeInstanceOf(Failure);
  const { name, message } = outcome as Failure;
  expect(entry.outcome, message).not.toBe('accept');
  expect(name).toBe('BadFile');
  expect(message).toContain(entry.file);
  expect(message.length).toBeLessThan(400);
  expect(message).not.toMatch(/undefined|\[object|stack overflow|call stack/);
  const words = entry.message_should_mention_one_of;
  const isNamed = words.length === 0 || words.some((word) => message.toLowerCase().includes(word.toLowerCase()));
  expect(isNamed, `${message} mentions none of ${words}`).toBe(true);
}
