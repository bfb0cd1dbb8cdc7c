import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pickle, storage, tensor, text, torchZip } from '../testing/pickleBytes.ts';
import { inflateRaw } from '../testing/zipBytes.ts';
import { toF32 } from './dtypes.ts';
import { memoryFile, type RangedFile } from './ranged.ts';
import { openTorchFile } from './torchFile.ts';

const folder = new URL('../../golden/torch/', import.meta.url);
const bytesOf = (file: string): Uint8Array => readFileSync(new URL(file, folder));
const expected = JSON.parse(String(bytesOf('expected.json'))) as Record<string, { shape: number[]; values: number[] }>;
const files = ['zip.pt', 'zip_protocol4.pt', 'legacy.pt', 'legacy_protocol4.pt'];

const valuesOf = async (file: RangedFile): Promise<Record<string, number[]>> => {
  const { tensors } = await openTorchFile(file, inflateRaw);
  const values: Record<string, number[]> = {};
  for (const [name, { dtype, read }] of tensors) values[name] = [...toF32(await read(), dtype)];
  return values;
};

describe('a file that torch.save wrote', () => {
  for (const name of files) {
    it(`${name}: every dtype and every kind of view has the shape and the values that torch sees`, async () => {
      const { tensors } = await openTorchFile(memoryFile(name, bytesOf(name)), inflateRaw);
      expect([...tensors.keys()]).toEqual(Object.keys(expected));
      for (const [key, { dtype, shape, read }] of tensors) {
        expect(shape, key).toEqual(expected[key]!.shape);
        const values = toF32(await read(), dtype);
        expect([...values], key).toEqual(expected[key]!.values.map((value) => Math.fround(value)));
      }
    });
  }

  it('tells what stands beside the tensors', async () => {
    const { metadata, format } = await openTorchFile(memoryFile('zip.pt', bytesOf('zip.pt')), inflateRaw);
    expect(format).toBe('torch');
    expect(Object.fromEntries(metadata)).toMatchObject({ epoch: '12', name: 'toy' });
  });

  it('is read in pieces: its pickle when opened, a storage when its tensor is read', async () => {
    for (const name of files) {
      const inner = memoryFile(name, bytesOf(name));
      let wanted = 0;
      const file: RangedFile = {
        ...inner,
        read(offset, length) {
          wanted += length;
          return inner.read(offset, length);
        },
      };
      const { tensors } = await openTorchFile(file, inflateRaw);
      wanted = 0;
      await tensors.get('state_dict.f16')!.read();
      expect(wanted).toBeLessThan(200); // 48 bytes and a local header
    }
  });

  it('reads deflated storages and pickles of any of its protocols', async () => {
    const sixValues = { w: [1, 2, 3, 4, 5, 6] };
    const dict = pickle('}', text('w'), tensor, 's.');
    expect(await valuesOf(torchZip(dict, true))).toEqual(sixValues);
    const protocol0 = pickle('(dp0\nVw\n', tensor, 'p1\ns.');
    expect(await valuesOf(torchZip(protocol0))).toEqual(sixValues);
    const protocol1 = pickle('}(U', 1, 'w', tensor, 'u.');
    expect(await valuesOf(torchZip(protocol1))).toEqual(sixValues);
    const pairs = pickle('ccollections\nOrderedDict\n((', text('w'), tensor, 'tl', 0x85, 'R.');
    expect(await valuesOf(torchZip(pairs))).toEqual(sixValues);
  });

  it('keeps objects of unknown classes inert and finds the tensors around and within them', async () => {
    const unknown = pickle('capp.config\nSettings\n', ')', 0x81, '}', text('a'), 'K', 1, 'sb');
    const callback = pickle('capp\nCallback\n');
    const subclass = pickle('capp\nAttributeDict\n)', 0x81, text('inner'), tensor, 's');
    const entries = [text('settings'), unknown, callback, 'K', 1, text('model'), subclass, text('w'), tensor];
    expect(Object.keys(await valuesOf(torchZip(pickle('}(', ...entries, 'u.'))))).toEqual(['model.inner', 'w']);
  });
});

describe('a view of a storage', () => {
  it('is refused or gives exactly the elements that its offset, shape and strides point at', async () => {
    let accepted = 0;
    const small = fc.array(fc.tuple(fc.nat(4), fc.nat(6)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.nat(7), small, async (offset, axes) => {
        const bytes = (values: readonly number[]) => pickle('(', ...values.flatMap((value) => ['K', value]), 't');
        const sides = axes.map(([side]) => side);
        const view = [pickle('K', offset), bytes(sides), bytes(axes.map(([, stride]) => stride))];
        const data = pickle('}', text('w'), 'ctorch._utils\n_rebuild_tensor_v2\n(', storage, ...view, 0x89, 'NtRs.');
        // Element i of the storage is i + 1.
        const places = axes.reduce(
          (sums, [side, stride]) => sums.flatMap((sum) => Array.from({ length: side }, (_, i) => sum + i * stride)),
          [offset],
        );
        const isWithin = places.length === 0 ? offset <= 6 : places.every((place) => place < 6);
        const read = valuesOf(torchZip(data));
        if (!isWithin) {
          await expect(read).rejects.toMatchObject({ name: 'BadFile' });
          return;
        }
        accepted++;
        await expect(read).resolves.toEqual({ w: places.map((place) => place + 1) });
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(50);
  });
});

describe('the unpickler', () => {
  const refusals: readonly (readonly [string, Buffer, RegExp])[] = [
    [
      'a call of os.system through a package',
      pickle('}', text('w'), 'ctorch.serialization\nos.system\n)Rs.'),
      /os\.system/,
    ],
    ['__import__ anywhere', pickle('c__builtin__\n__import__\n.'), /not allowed/],
    ['a global of protocol 4', pickle(text('subprocess'), text('run'), 0x93, '.'), /subprocess\.run/],
    ['INST', pickle('(', text('rm'), 'iposix\nsystem\n.'), /posix\.system/],
    ['a call of what is no function', pickle('K', 1, ')R.'), /no class or function/],
    ['popping below a mark', pickle('K', 1, '(0R.'), /underflows/],
    ['an endless name', pickle('c', 'x'.repeat(5000), '\n.'), /longer than/],
    ['an integer of a thousand bytes', pickle(0x8b, 0xe8, 3, 0, 0, new Uint8Array(1000), '.'), /1000 bytes/],
    ['two tensors of one name', pickle('}(', text('1'), tensor, 'K', 1, tensor, 'u.'), /duplicate/],
    ['a million empty dicts', pickle(new Uint8Array(200_000).fill(0x7d), '.'), /limit of 100000 objects/],
    ['too many steps', pickle(new Uint8Array(600_000).fill(0x4e), '.'), /limit of 500000 steps/],
    ['a list that is multiplied through the memo', multiplied(), /limit of 100000 objects/],
  ];
  for (const [what, data, cause] of refusals) {
    it(`refuses ${what}`, async () => {
      const startMs = performance.now();
      await expect(openTorchFile(torchZip(data), inflateRaw)).rejects.toMatchObject({
        name: 'BadFile',
        message: expect.stringMatching(cause),
      });
      expect(performance.now() - startMs).toBeLessThan(1000);
    });
  }

  it('refuses dicts in dicts without end, and dicts whose paths multiply', async () => {
    const deep = pickle(
      ...Array.from({ length: 20_000 }, () => pickle('}', text('a'))),
      'N',
      pickle('s'.repeat(20_000)),
      '.',
    );
    await expect(openTorchFile(torchZip(deep), inflateRaw)).rejects.toThrow(/deeper/);
    // Each level holds the one below it ten times: 10^20 paths in 700 bytes.
    let level = pickle('}', text('w'), tensor, 's');
    for (let i = 0; i < 20; i++) {
      const again = Array.from({ length: 10 }, (_, k) => pickle(text(String(k)), 'h', i));
      level = pickle(level, 'q', i, '0}(', ...again, 'u');
    }
    await expect(openTorchFile(torchZip(pickle(level, '.')), inflateRaw)).rejects.toThrow(/limit|long/);
  });

  it('is not fooled by a shape that changes after it was checked', async () => {
    // The list of the shape is memoised and grows after the tensor was built from it.
    const shape = pickle('](K', 2, 'K', 3, 'eq', 7);
    const args = pickle('(', storage, 'K', 0, shape, 'K', 3, 'K', 1, 0x86, 0x89, 'NtR');
    const data = pickle(
      '}(',
      text('w'),
      'ctorch._utils\n_rebuild_tensor_v2\n',
      args,
      text('x'),
      'h',
      7,
      '(K',
      99,
      'eu.',
    );
    expect(await valuesOf(torchZip(data))).toEqual({ w: [1, 2, 3, 4, 5, 6] });
  });
});

/** A list of 1,000 pairs in the memo, and 1,000 OrderedDicts made of it. */
function multiplied(): Buffer {
  const pairs = Array.from({ length: 1000 }, (_, i) => pickle('M', i & 255, i >> 8, 'N', 0x86));
  const dict = pickle('ccollections\nOrderedDict\nh', 0, 0x85, 'R');
  return pickle('](', ...pairs, 'eq', 0, ...Array.from({ length: 1000 }, () => dict), '.');
}
