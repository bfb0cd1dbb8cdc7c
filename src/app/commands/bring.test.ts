import { describe, expect, it, vi } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { cardOf } from '../../core/modelCard.ts';
import type { Found, Imported, Importer, ImportOrder, Offering } from '../../wire/importer.ts';
import { fakeDesk, tinyManifest } from '../testing/fakeDesk.ts';
import { answer, cancelImport, convert, offer, offerAgain, orderOf, pauseImport, takeBack } from './bring.ts';
import { skipComparison } from './finishImport.ts';

// What needs a browser's storage and an engine.
vi.mock('./localModels.ts', () => ({ listLocalModels: async () => [], listUnfinished: async () => [] }));
vi.mock('./start.ts', () => ({ switchModel: async () => undefined }));

const files = (name: string): Offering => ({ kind: 'files', name, files: [{ path: name, file: new Blob([name]) }] });
const found = (name: string, ...roles: ('tokenizer' | 'transformer')[]): Found => ({
  name,
  sizeBytes: 100,
  networks: roles.map((role) => ({ role, title: `a ${role}` })),
});

const imported: Imported = { card: cardOf(tinyManifest), isNew: true, readBytes: 4, peakBytes: 3, verified: [] };

/** A desk whose importer recognises files by their names and asks for the groups of a tokenizer. */
function desk({ convert: work, compare }: Partial<Pick<Importer, 'convert' | 'compare'>> = {}) {
  const made = fakeDesk().desk;
  const told = { forgotten: [] as string[], dismissed: 0, orders: [] as ImportOrder[] };
  let cuts = 1;
  const importer: Importer = {
    recognise: async (offering) => {
      const name = offering.kind === 'address' ? 'remote tokenizer' : offering.name;
      if (offering.kind === 'address' && offering.url.endsWith('gone') && cuts-- > 0) {
        throw new Failure('Download', 'gone broke off.');
      }
      if (name.includes('broken')) throw new Failure('BadFile', `${name}: it is broken.`);
      const roles = (['tokenizer', 'transformer'] as const).filter((role) => name.includes(role));
      return found(name, ...roles);
    },
    plan: async ({ options }) => {
      if (options.groups === undefined) {
        throw new Failure('BadRequest', 'f: say how many groups its norms have with --groups.');
      }
      return { config: tinyManifest.config, sizeBytes: { f32: 4, f16: 2, int8: 1 } };
    },
    convert: async (order, onProgress, stop) => {
      told.orders.push(order);
      return work ? work(order, onProgress, stop) : imported;
    },
    compare: async (order, id, onProgress, stop) => {
      if (compare === undefined) throw new Failure('NoAdapter', 'There is no graphics adapter.');
      return compare(order, id, onProgress, stop);
    },
    pack: async () => new Blob(),
    forget: async (url) => void told.forgotten.push(url),
  };
  made.hireImporter = async () => ({ importer, dismiss: () => void told.dismissed++ });
  return { desk: made, told, state: () => made.store.getState() };
}

/** Runs until the stop comes, as a long conversion does. */
const endless: Importer['convert'] = (_order, onProgress, stop) => {
  onProgress({ stage: 'converting', doneBytes: 1, totalBytes: 9, fetchedBytes: 0, peakBytes: 2 });
  return new Promise((_, reject) => {
    (stop as AbortSignal).addEventListener('abort', () => reject((stop as AbortSignal).reason as Error));
  });
};

const names = (tray: readonly { name: string }[]): string[] => tray.map(({ name }) => name);

describe('the tray', () => {
  it('opens with what was dropped, and holds one network of a kind: the newest', async () => {
    const { desk: page, state } = desk();
    const first = offer(page, files('transformer a'));
    expect(state()).toMatchObject({ dialog: 'bring', tray: [{ name: 'transformer a', isLooking: true }] });
    await first;
    await offer(page, files('tokenizer b'));
    await offer(page, files('transformer c'));
    expect(names(state().tray)).toEqual(['tokenizer b', 'transformer c']);
    expect(orderOf(page)).toMatchObject({ tokenizer: { name: 'tokenizer b' }, transformer: { name: 'transformer c' } });
  });

  it('takes one folder for both networks, in the place of two files', async () => {
    const { desk: page, state } = desk();
    await offer(page, files('transformer a'));
    await offer(page, files('tokenizer and transformer'));
    expect(names(state().tray)).toEqual(['tokenizer and transformer']);
  });

  it('says why a file is refused, and keeps the good ones beside it', async () => {
    const { desk: page, state } = desk();
    await Promise.all([offer(page, files('broken')), offer(page, files('transformer a'))]);
    expect(state().tray.map(({ refusal }) => refusal)).toEqual(['broken: it is broken.', undefined]);
    takeBack(page, state().tray[0]!.id);
    expect(names(state().tray)).toEqual(['transformer a']);
  });

  it('offers what a broken connection refused again', async () => {
    const { desk: page, state } = desk();
    const gone = { kind: 'address', url: 'https://models.example/gone' } as const;
    await offer(page, gone);
    expect(state().tray).toMatchObject([{ refusal: 'gone broke off.', isCut: true }]);
    await offerAgain(page, state().tray[0]!.id);
    expect(state().tray).toMatchObject([{ networks: [{ role: 'tokenizer' }] }]);
  });

  it('asks for the tokenizer before anything else, then for what no file tells', async () => {
    const { desk: page, state } = desk();
    await offer(page, files('transformer a'));
    expect(state().outlook).toEqual({ kind: 'none' });
    await offer(page, files('tokenizer b'));
    expect(state().outlook).toEqual({
      kind: 'asks',
      option: 'groups',
      message: 'f: say how many groups its norms have here:',
    });
    answer(page, 'groups', 4);
    await vi.waitFor(() => expect(state().outlook.kind).toBe('ready'));
    expect(state()).toMatchObject({ asked: ['groups'], importOptions: { groups: 4 } });
  });
});

/** A tray that can be converted. */
async function readyTray(options: Parameters<typeof desk>[0] = {}) {
  const made = desk(options);
  await offer(made.desk, { kind: 'address', url: 'https://models.example/tokenizer' });
  await offer(made.desk, files('transformer a'));
  answer(made.desk, 'groups', 4);
  await vi.waitFor(() => expect(made.state().outlook.kind).toBe('ready'));
  return made;
}

describe('the conversion', () => {
  it('takes what lies on the tray, clears it and lets the importer go', async () => {
    const { desk: page, told, state } = await readyTray();
    await convert(page);
    expect(told.orders).toMatchObject([
      { dtype: 'f16', options: { groups: 4 }, label: { licence: { name: 'unknown' } } },
    ]);
    expect(state()).toMatchObject({ tray: [], asked: [], importOptions: {} });
    expect(told.dismissed).toBe(1);
    expect(told.forgotten).toEqual(['https://models.example/tokenizer']);
    expect(state().conversion).toMatchObject({ kind: 'done', made: { readBytes: 4, peakBytes: 3 } });
  });

  it('can be paused and goes on with the same order', async () => {
    const { desk: page, told, state } = await readyTray({ convert: endless });
    void convert(page);
    await vi.waitFor(() => expect(state().conversion).toMatchObject({ kind: 'running', progress: { doneBytes: 1 } }));
    pauseImport(page);
    expect(state().conversion).toMatchObject({ kind: 'paused', progress: { doneBytes: 1 } });
    void convert(page);
    await vi.waitFor(() => expect(told.orders).toHaveLength(2));
    expect(told.orders[1]).toEqual(told.orders[0]);
    expect(state().conversion.kind).toBe('running');
    await cancelImport(page);
    expect(state()).toMatchObject({ conversion: { kind: 'none' }, tray: [] });
    expect(told.forgotten).toEqual(['https://models.example/tokenizer']);
  });

  it('that fails says why and can be tried again', async () => {
    let isBroken = true;
    const { desk: page, state } = await readyTray({
      convert: async () => {
        if (isBroken) throw new Failure('Download', 'models.example broke off.');
        return imported;
      },
    });
    await convert(page);
    expect(state().conversion).toEqual({ kind: 'failed', message: 'models.example broke off.' });
    isBroken = false;
    await convert(page);
    expect(state().tray).toEqual([]);
  });
});

describe('small weights', () => {
  const small = async (options: Parameters<typeof desk>[0]) => {
    const made = await readyTray(options);
    made.state().bring({ dtype: 'int8' });
    return made;
  };

  it('are compared with the published ones, while the files are there', async () => {
    const compared = { ...imported.card, quality: { conversionSameCode: 0.991 } };
    const seen: string[][] = [];
    const {
      desk: page,
      told,
      state,
    } = await small({
      compare: async (order, id, onProgress) => {
        onProgress({ done: 1, total: 8 });
        seen.push([order.dtype, id, state().conversion.kind], [...told.forgotten]);
        return compared;
      },
    });
    await convert(page);
    expect(seen).toEqual([['int8', 'tiny', 'comparing'], []]);
    expect(state().conversion).toMatchObject({ kind: 'done', made: { card: compared } });
    expect(told.forgotten).toHaveLength(1);
  });

  it('need not be compared, and are told where they could not be', async () => {
    const waiting = await small({ compare: () => new Promise(() => {}) });
    const going = convert(waiting.desk);
    await vi.waitFor(() => expect(waiting.state().conversion.kind).toBe('comparing'));
    skipComparison(waiting.desk);
    await going;
    expect(waiting.state().conversion).toMatchObject({ kind: 'done', made: { card: { quality: {} } } });
    const without = await small({});
    await convert(without.desk);
    expect(without.state().conversion).toMatchObject({
      made: { notCompared: 'There is no graphics adapter.', card: imported.card },
    });
  });
});
