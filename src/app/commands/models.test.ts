// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cardOf } from '../../core/modelCard.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { defaultSettings } from '../../core/request.ts';
import { fakeDesk, tinyManifest } from '../testing/fakeDesk.ts';
import { generate } from './generate.ts';
import { memoryShelf } from './shelf.ts';
import { start, switchModel } from './start.ts';

/** A model of twice the grid that can have no class names. */
const bigManifest: ModelManifest = {
  ...tinyManifest,
  id: 'big',
  name: 'Big',
  config: { ...tinyManifest.config, image: { size: 16, pixelArt: false }, grid: { rows: 8, cols: 8 } },
  classes: [],
  sampler: { ...defaultSettings, steps: 6 },
};
const paints = (manifest: ModelManifest) => ({ ...cardOf(manifest), canPaint: true });
let cards = [paints(tinyManifest), paints(bigManifest)];

beforeEach(() => {
  localStorage.clear();
  cards = [paints(tinyManifest), paints(bigManifest)];
  const files: Record<string, unknown> = { tiny: tinyManifest, big: bigManifest };
  vi.stubGlobal('fetch', async (url: URL | string) => {
    const parts = String(url).split('/');
    if (parts.at(-1) === 'index.json') return Response.json(cards);
    const json = files[parts.at(-2)!];
    return json === undefined ? new Response('', { status: 404 }) : Response.json(json);
  });
});
afterEach(() => vi.unstubAllGlobals());

const adapter = (isFallback: boolean) => ({
  engine: {
    open: async () => ({ vendor: 'v', architecture: '', description: '', isFallback, features: [] }),
  },
});

describe('the first visit', () => {
  it.each([
    [false, 'big', 'graphics card'],
    [true, 'tiny', 'no graphics card'],
  ])('takes the model that suits the device (software: %s), and says why', async (isFallback, id, reason) => {
    const { desk } = fakeDesk(adapter(isFallback));
    await start(desk);
    const { manifest, modelRef, choiceReason, chosenRef, machine } = desk.store.getState();
    expect({ id: manifest?.id, modelRef, choiceReason }).toEqual({ id, modelRef: id, choiceReason: reason });
    expect(chosenRef).toBeUndefined();
    expect(machine.kind).toBe('ready');
  });

  it('says where the pictures are when another model suits than the last time', async () => {
    const shelf = memoryShelf();
    const before = fakeDesk({ ...adapter(true), shelf }).desk;
    await start(before);
    await generate(before);
    const [painted] = await shelf.all();
    await shelf.put({ ...painted!, result: { ...painted!.result, id: 'older', modelId: 'gone', createdAtMs: 0 } });
    const { desk } = fakeDesk({ ...adapter(false), shelf });
    await start(desk);
    expect(desk.store.getState()).toMatchObject({ modelRef: 'big', results: [] });
    expect(desk.store.getState().notice?.text).toBe('Your pictures of Tiny are kept; choose that model to see them.');
  });

  it('takes the quickest where there is no GPU, and tells what is wrong', async () => {
    const open = async () => Promise.reject(Object.assign(new Error('none'), { name: 'NoAdapter' }));
    const { desk } = fakeDesk({ engine: { open } });
    await start(desk);
    expect(desk.store.getState()).toMatchObject({ modelRef: 'tiny', problem: { name: 'NoAdapter' } });
  });
});

describe('another model', () => {
  it('takes the place of the first with its own settings, class and pictures, and back again', async () => {
    const { desk } = fakeDesk(adapter(true));
    await start(desk);
    await generate(desk);
    desk.store.getState().change({ classId: 2 });
    await switchModel(desk, 'big');
    expect(desk.store.getState()).toMatchObject({ modelRef: 'big', chosenRef: 'big', choiceReason: undefined });
    expect(desk.store.getState()).toMatchObject({ results: [], showing: 'nothing', machine: { kind: 'ready' } });
    expect(desk.store.getState().wish).toMatchObject({ classId: 0, settings: { steps: 6 } });
    await generate(desk);
    expect(desk.store.getState().results.map(({ modelId, className }) => [modelId, className])).toEqual([
      ['big', 'class 0'],
    ]);
    await switchModel(desk, 'tiny');
    expect(desk.store.getState().results.map(({ modelId }) => modelId)).toEqual(['tiny']);
  });

  it('lets a run that goes on end as a picture of the model that paints it', async () => {
    const { desk } = fakeDesk(adapter(true));
    await start(desk);
    const run = generate(desk);
    await new Promise<void>((resolve) => {
      desk.store.subscribe(({ job }) => job.kind === 'running' && job.step === 1 && resolve());
    });
    await switchModel(desk, 'big');
    await run;
    expect(desk.store.getState().results).toEqual([]);
    expect([...desk.kept.values()].map(({ result }) => result.modelId)).toEqual(['tiny']);
  });

  it('that does not come leaves everything as it was', async () => {
    const { desk } = fakeDesk(adapter(true));
    await start(desk);
    await switchModel(desk, 'nowhere');
    expect(desk.store.getState()).toMatchObject({ modelRef: 'tiny', problem: { name: 'Download' } });
    expect(desk.store.getState().machine.kind).toBe('ready');
  });

  it('is remembered, and forgotten when it is gone', async () => {
    const { desk } = fakeDesk(adapter(true));
    desk.store.getState().chooseModel('big');
    await start(desk);
    expect(desk.store.getState().modelRef).toBe('big');
    cards = [paints(tinyManifest)];
    const { desk: later } = fakeDesk(adapter(true));
    later.store.getState().chooseModel('big');
    await start(later);
    expect(later.store.getState().modelRef).toBe('tiny');
  });
});
