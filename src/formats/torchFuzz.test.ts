import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowRefusal, guarded, mutated, runs } from '../testing/fuzz.ts';
import { pickle, storage, tensor, text, torchZip } from '../testing/pickleBytes.ts';
import { inflateRaw, zipBytes } from '../testing/zipBytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { dtypeBytes, elementCount } from './dtypes.ts';
import { unpickle } from './pickle.ts';
import { TorchPickleRules } from './torchPickle.ts';
import { openZip } from './zip.ts';

const golden = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../golden/${path}`, import.meta.url)));
const prototypeNames = Object.getOwnPropertyNames(Object.prototype).length;

/** Everything the page does with a dropped file; what it gives must be as large as it says, and small. */
async function readAll(bytes: Uint8Array): Promise<void> {
  const { tensors } = await openCheckpoint(guarded(bytes), inflateRaw);
  for (const { dtype, shape, read } of tensors.values()) {
    await allowRefusal(async () => {
      const { byteLength } = await read();
      expect(byteLength).toBe(elementCount(shape) * dtypeBytes[dtype]);
      expect(byteLength).toBeLessThanOrEqual(2 ** 20);
    });
  }
}

async function expectRefusalsOnly(files: fc.Arbitrary<Uint8Array>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(files, async (bytes) => {
      const startMs = performance.now();
      await allowRefusal(() => readAll(bytes));
      expect(performance.now() - startMs).toBeLessThan(5000);
    }),
    runs,
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(prototypeNames);
  expect(globalThis).not.toHaveProperty('__peerfix_canary');
}

/** Pieces of pickles that often make sense together, and any single byte. */
const pieces: readonly Uint8Array[] = [
  ...[...'(01]})adelostubRNQ.2'].map((opcode) => pickle(opcode)),
  ...[0x81, 0x85, 0x86, 0x87, 0x88, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94].map((opcode) => pickle(opcode)),
  ...[0, 1, 2].flatMap((index) => [pickle('q', index), pickle('h', index)]),
  ...['w', 'storage', 'torch._utils', '_rebuild_tensor_v2', 'os', '__proto__'].map(text),
  pickle('ccollections\nOrderedDict\n'),
  pickle('ctorch._utils\n_rebuild_tensor_v2\n'),
  pickle('ctorch._utils\n_rebuild_parameter\n'),
  pickle('ctorch._tensor\n_rebuild_from_type_v2\n'),
  pickle('capp\nThing\n'),
  pickle('(iapp\nThing\n'),
  pickle(')R'),
  pickle('K', 3),
  pickle('J', 0xff, 0xff, 0xff, 0xff),
  pickle('r', 0xff, 0xff, 0xff, 0x7f),
  pickle(0x8a, 9, 0xff, 0, 0, 0, 0, 0, 0, 0, 1),
  pickle('G', new Uint8Array(8).fill(0x7f)),
  storage,
  tensor,
  pickle('(', text('storage'), 'ctorch\nHalfStorage\n', text('0'), text('cpu'), 'K', 6, 'tQ'),
  pickle('}', text('w'), tensor, 's'),
];
const program = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...pieces) },
      fc.nat(255).map((byte) => pickle(byte)),
    ),
    {
      maxLength: 60,
    },
  )
  .map((parts) => pickle(...parts, '.'));
const integer = fc
  .oneof({ weight: 5, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.integer({ min: -3, max: 2 ** 31 - 1 }) })
  .map((value) => pickle('J', new Uint8Array(Int32Array.of(value).buffer)));
const axes = fc.array(fc.tuple(integer, integer), { maxLength: 3 });
const anyTensor = fc.tuple(integer, axes).map(([offset, sides]) => {
  const [shape, strides] = [0, 1].map((which) => pickle('(', ...sides.map((side) => side[which]!), 't'));
  return pickle('ctorch._utils\n_rebuild_tensor_v2\n(', storage, offset, shape!, strides!, 0x89, 'NtR');
});
/** Pickles that hold together: dicts, lists, tuples and objects in each other. */
const { value: whole } = fc.letrec<{ value: Buffer }>((tie) => {
  const values = fc.array(tie('value'), { maxLength: 4 });
  const keys = fc.constantFrom('w', 'state_dict', 'model', 'constructor', '', '0').map(text);
  const pairs = fc
    .array(fc.tuple(fc.oneof(keys, integer), tie('value')), { maxLength: 5 })
    .map((items) => items.flat());
  const globals = ['collections\nOrderedDict', 'app\nThing', 'torch\nSize', 'torch._utils\n_rebuild_parameter'];
  return {
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.oneof(integer, keys, anyTensor, fc.constant(tensor), fc.constantFrom(pickle('N'), pickle(0x88), storage)),
      pairs.map((items) => pickle('}(', ...items, 'u')),
      values.map((items) => pickle('](', ...items, 'e')),
      values.map((items) => pickle('(', ...items, 't')),
      fc.tuple(fc.constantFrom(...globals), values).map(([name, args]) => pickle('c', name, '\n(', ...args, 'tR')),
      fc.tuple(values, tie('value')).map(([args, state]) => pickle('capp\nThing\n(', ...args, 't', 0x81, state, 'b')),
    ),
  };
});
const structured = fc.array(whole, { minLength: 1, maxLength: 5 }).map((items) => pickle('](', ...items, 'e.'));
const state = pickle('}(', text('a'), 'capp\nThing\n)', 0x81, '}b', text('w'), tensor, text('n'), 'K', 1, 'u.');
const protocol4 = golden('torch/zip_protocol4.pt').subarray(0, 4000);
const inZip = async (data: Uint8Array): Promise<Uint8Array> => {
  const file = torchZip(data);
  return file.read(0, file.sizeBytes);
};

describe(`${runs.numRuns} random and damaged files a format end in tensors or a plain refusal`, () => {
  it('zip', async () => {
    const parts = [
      { name: 'a/config.json', content: Buffer.from('{"a": 1}'), isDeflated: true },
      { name: 'a/b.safetensors', content: golden('hostile/ok.safetensors') },
    ];
    const zips = [zipBytes(parts), zipBytes(parts, { zip64: true, comment: 'c' }), golden('hostile-torch/ok_zip.pt')];
    await expectRefusalsOnly(fc.oneof(fc.uint8Array({ maxLength: 200 }), ...zips.map(mutated)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(...zips.map(mutated)), (bytes) =>
        allowRefusal(async () => {
          const zip = await openZip(guarded(bytes), inflateRaw);
          for (const name of zip.entries.keys()) await allowRefusal(async () => (await zip.open(name)).verify());
        }),
      ),
      { numRuns: runs.numRuns / 4 },
    );
  });

  it('the pickle of a torch zip, its checksum made right', async () => {
    const damaged = fc.oneof(
      program,
      structured,
      structured.chain(mutated),
      mutated(state),
      mutated(pickle('}', text('w'), tensor, 's.')),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (data) => allowRefusal(async () => readAll(await inZip(data)))),
      runs,
    );
    expect(({} as { w?: unknown }).w).toBeUndefined();
  });

  it('pickles of any protocol, walked alone', async () => {
    const start = protocol4.indexOf(0x80);
    const files = fc.oneof(program, fc.uint8Array({ maxLength: 300 }), mutated(protocol4.subarray(start)));
    await fc.assert(
      fc.asyncProperty(files, (data) =>
        allowRefusal(async () => {
          const { end } = unpickle('fuzzed', data, new TorchPickleRules('fuzzed'));
          expect(end).toBeLessThanOrEqual(data.byteLength);
        }),
      ),
      runs,
    );
  });

  it('legacy torch files', async () => {
    const legacy = golden('hostile-torch/ok_legacy.pth');
    const head = legacy.subarray(0, legacy.indexOf(0x80, 22)); // up to the pickle of the object
    const block = pickle(6, new Uint8Array(7 + 24));
    const programs = fc
      .oneof(program, structured)
      .map((data) => pickle(head, data, 0x80, 2, ']', text('0'), 'a.', block));
    await expect(readAll(pickle(head, state, 0x80, 2, ']', text('0'), 'a.', block))).resolves.toBeUndefined();
    await expectRefusalsOnly(fc.oneof(mutated(legacy), mutated(golden('torch/legacy_protocol4.pt')), programs));
  });
});
