import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openZip } from '../../formats/zip.ts';
import { memoryFile } from '../../formats/ranged.ts';
import { openDevice } from '../../gpu/open.ts';
import { nodeGpu } from '../../host/node.ts';
import { MemoryStore } from '../../testing/memoryStore.ts';
import { toyFiles } from '../../testing/toyModel.ts';
import type { ImportOrder, ImportProgress, Offering } from '../../wire/importer.ts';
import { inflateRaw } from '../import/inflate.ts';
import { createImporter } from './importer.ts';
import { localSource } from './localSource.ts';
import type { ImporterHost } from './order.ts';

const never = new AbortController().signal;
const golden = (path: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../../../golden/${path}`, import.meta.url)));
const offered = (path: string): Offering => {
  const name = path.split('/').at(-1)!;
  return { kind: 'files', name, files: [{ path: name, file: new Blob([golden(path)]) }] };
};
const tokenizer = offered('official-a/checkpoints/tokenizer_imagenet96_checkpoint');
const transformer = offered('official-a/checkpoints/maskgit_imagenet96_checkpoint');
const options = { heads: 4, groups: 4 };
const order: ImportOrder = { tokenizer, transformer, dtype: 'int8', options: { groups: 8 } };

/** Storage, locks and network of one device. */
function device(over: Partial<ImporterHost> = {}) {
  const stores = new Map<string, MemoryStore>();
  const openStore = async (folder: string): Promise<MemoryStore> => {
    if (!stores.has(folder)) stores.set(folder, new MemoryStore());
    return stores.get(folder)!;
  };
  let tail: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  const host: ImporterHost = {
    fetch: (async () => Promise.reject(new TypeError('no network'))) as typeof fetch,
    openStore,
    alone: async (_name, _stop, onWait, work) => {
      if (isBusy) onWait();
      const turn = tail.then(async () => ((isBusy = true), work().finally(() => (isBusy = false))));
      tail = turn.catch(() => {});
      return turn;
    },
    room: async () => undefined,
    contentOf: async (file) => file.read(0, file.sizeBytes),
    openDevice: async () => openDevice(await nodeGpu()),
    ...over,
  };
  return { host, importer: createImporter(host), stores, openStore };
}

describe('what is offered', () => {
  it('is recognised by its content', async () => {
    const { importer } = device();
    expect((await importer.recognise(tokenizer, never)).networks).toEqual([
      { role: 'tokenizer', title: expect.stringContaining('official') },
    ]);
    const halton = await importer.recognise(offered('peers/halton/ImageNet_256_tiny.pth'), never);
    expect(halton.networks).toEqual([{ role: 'transformer', title: expect.stringContaining('Halton') }]);
    expect(halton.sizeBytes).toBeGreaterThan(100_000);
  });

  it('is refused in one sentence where it is no model', async () => {
    const { importer } = device();
    const page: Offering = {
      kind: 'files',
      name: 'model.ckpt',
      files: [{ path: 'model.ckpt', file: new Blob(['<!doctype html><p>Sign in']) }],
    };
    await expect(importer.recognise(page, never)).rejects.toMatchObject({
      name: 'BadFile',
      message: expect.stringMatching(/model\.ckpt: this is a web page/),
    });
  });

  it('is planned before anything is converted, and asks for what no shape tells', async () => {
    const { importer } = device();
    const vague = { tokenizer: offered('peers/llamagen-vq/vq_ds16_c2i.pt'), dtype: 'f16', options: {} } as const;
    await expect(importer.plan(vague, never)).rejects.toMatchObject({
      name: 'BadRequest',
      message: expect.stringContaining('--groups'),
    });
    const plan = await importer.plan({ ...vague, options }, never);
    expect(plan.config.tokenizer).toMatchObject({ codebook: 64 });
    expect(plan.sizeBytes.int8).toBeLessThan(plan.sizeBytes.f16);
  });
});

describe('an order', () => {
  it('becomes a model that the engine loads, told in bytes, and of the planned size', async () => {
    const { importer, openStore } = device();
    const told: ImportProgress[] = [];
    const { card } = await importer.convert(order, (progress) => told.push(progress), never);
    expect(card).toMatchObject({ canPaint: true, classes: expect.any(Number) });
    expect(told.at(-1)).toMatchObject({ stage: 'converting', doneBytes: told.at(-1)!.totalBytes });
    const plan = await importer.plan(order, never);
    expect(Math.abs(card.sizeBytes - plan.sizeBytes.int8) / card.sizeBytes).toBeLessThan(0.2); // headers of a toy
    const source = localSource(card.id, openStore);
    expect(await source.manifest(never)).toMatchObject({ id: card.id });
  });

  it('tells how much memory it took, far less than the files of a large model', async () => {
    const { importer } = device();
    const told: ImportProgress[] = [];
    const { peakBytes, readBytes, isNew } = await importer.convert(order, (progress) => told.push(progress), never);
    expect(isNew).toBe(true);
    expect(readBytes).toBe(told.at(-1)!.totalBytes);
    expect(peakBytes).toBeGreaterThan(readBytes / 100);
    expect(told.every((progress, i) => i === 0 || progress.peakBytes >= told[i - 1]!.peakBytes)).toBe(true);
  });

  it('in small weights can be compared with the files, and the model keeps the answer', async () => {
    const { importer, openStore } = device();
    const painter: ImportOrder = { transformer, dtype: 'int8', options: { codebook: 64 } };
    const { card } = await importer.convert(painter, () => {}, never);
    expect(card.quality).toEqual({});
    const passes: string[] = [];
    const compared = await importer.compare(
      painter,
      card.id,
      ({ done, total }) => passes.push(`${done}/${total}`),
      never,
    );
    expect(compared.quality['conversionSameCode']).toBeGreaterThan(0.9);
    expect(compared.quality['conversionSameCode']).toBeLessThanOrEqual(1);
    expect(passes.at(-1)).toMatch(/^(\d)\/\1$/);
    expect(await localSource(card.id, openStore).manifest(never)).toMatchObject({ quality: compared.quality });
  });

  it('that was done already is not done again, in this tab or another', async () => {
    const { importer, stores } = device();
    const stages = [new Set<string>(), new Set<string>()];
    const both = await Promise.all(
      stages.map((seen) => importer.convert(order, ({ stage }) => seen.add(stage), never)),
    );
    expect(both[0]!.card).toEqual(both[1]!.card);
    // Whichever had the lock first did the work.
    for (const [i, { isNew }] of both.entries()) expect(stages[i]!.has('converting')).toBe(isNew);
    expect(both.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect([...stores.keys()].filter((name) => name.startsWith('local-'))).toHaveLength(1);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const { importer, stores } = device();
    const stop = new AbortController();
    const cut = importer.convert(order, () => stop.abort(), stop.signal);
    await expect(cut).rejects.toMatchObject({ name: 'AbortError' });
    expect([...stores.values()].flatMap(({ files }) => [...files.keys()])).toEqual([]);
  });

  it('is refused before it starts where there is no room, and without storage', async () => {
    const { importer } = device({ room: async () => 1000 });
    await expect(importer.convert(order, () => {}, never)).rejects.toMatchObject({
      name: 'Quota',
      message: expect.stringMatching(/needs \d+ MB.*keep 0 MB/),
    });
    const closed = device({ openStore: async () => undefined });
    await expect(closed.importer.convert(order, () => {}, never)).rejects.toMatchObject({ name: 'Quota' });
  });

  it('for a model in our own format is copied, each file compared with its hash', async () => {
    const { importer, openStore } = device();
    const files = toyFiles();
    const folder = (): Offering => ({
      kind: 'files',
      name: 'toy',
      files: [...files].map(([path, bytes]) => ({ path: `toy/${path}`, file: new Blob([bytes]) })),
    });
    expect(await importer.recognise(folder(), never)).toMatchObject({ networks: [], model: { name: 'Toy' } });
    const { card } = await importer.convert({ model: folder(), dtype: 'f16', options: {} }, () => {}, never);
    expect(card.id).toMatch(/^toy-[0-9a-f]{10}$/);
    const packed = await importer.pack(card.id);
    const zip = await openZip(memoryFile('toy.zip', new Uint8Array(await packed.arrayBuffer())), inflateRaw);
    expect([...zip.entries.keys()]).toEqual([`${card.id}/model.json`, `${card.id}/toy.safetensors`]);
    await (await zip.open(`${card.id}/toy.safetensors`)).verify();
    // What was saved and comes back is the same model.
    const own = [...(await openStore(`local-${card.id}`)).files];
    const saved = own.map(([path, bytes]) => ({ path: `${card.id}/${path}`, file: new Blob([bytes]) }));
    const back: Offering = { kind: 'files', name: card.id, files: saved };
    const again = await importer.convert({ model: back, dtype: 'f16', options: {} }, () => {}, never);
    expect(again).toMatchObject({ isNew: false, card: { id: card.id } });
    const stored = (await openStore(`local-${card.id}`)).files.get('toy.safetensors')!;
    stored[stored.length - 3]! ^= 1;
    const manifest = (await localSource(card.id, openStore).manifest(never)) as { shards: [never] };
    const watch = { stop: never, onBytes: () => {}, onVerify: () => {} };
    await expect(localSource(card.id, openStore).open(manifest.shards[0], watch)).rejects.toMatchObject({
      message: expect.stringMatching(/sha256.*bring it in again/),
    });
    files.get('toy.safetensors')![500]! ^= 1;
    const spoilt = importer.convert({ model: folder(), dtype: 'f16', options: {} }, () => {}, never);
    await expect(spoilt).rejects.toMatchObject({ name: 'BadFile' });
  });
});
