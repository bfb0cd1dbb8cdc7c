import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../../core/config.ts';
import { MASK } from '../../core/grid.ts';
import { openDevice } from '../../gpu/open.ts';
import { nodeGpu } from '../../host/node.ts';
import { serveFiles, toyConfig, toyFiles } from '../../testing/toyModel.ts';
import { connectRacer, serveRacer, type LaneKind, type LanePass, type Racer } from '../../wire/race.ts';
import { httpSource } from '../httpSource.ts';
import { createRacer, oneByOne } from './racer.ts';
import { defaultSettings } from '../../core/request.ts';
import { stepCounts, start } from '../../core/sampler.ts';

const raster: ModelConfig = { ...toyConfig, transformer: { ...toyConfig.transformer!, order: 'raster' } };
const never = new AbortController().signal;
const masked = 'https://models.example/toy/model.json';
const causal = 'https://models.example/toy-raster/model.json';

function plainRacer(): Racer {
  const sourceOf = (url: string) => {
    const files = toyFiles(url === causal ? raster : toyConfig);
    return httpSource(url, { fetch: serveFiles(files), openStore: async () => undefined });
  };
  return createRacer({ openDevice: async () => openDevice(await nodeGpu()), sourceOf });
}

/** Behind a MessageChannel, as if in a worker. */
function racer(): Racer {
  const { port1, port2 } = new MessageChannel();
  serveRacer(plainRacer(), port2);
  return connectRacer(port1, new Promise<never>(() => {}));
}

async function run(lanes: Racer, kind: LaneKind, stop: AbortSignal = never) {
  const passes: LanePass[] = [];
  const result = await lanes.run({ kind, classId: 1, seed: 7 }, (pass) => passes.push(pass), stop);
  return { passes, result };
}

describe('a racer', () => {
  it('runs each lane in the passes that it takes, with a time for each and a picture', async () => {
    const lanes = racer();
    await lanes.load(masked, () => {}, never);
    await lanes.load(causal, () => {}, never);
    for (const [kind, count] of [
      ['parallel', 8],
      ['oneByOne', 16],
      ['cached', 16],
    ] as const) {
      const { passes, result } = await run(lanes, kind);
      expect(passes.map(({ pass }) => pass)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      expect(new Set(passes.map((pass) => pass.passes))).toEqual(new Set([count]));
      const times = passes.map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(result).toMatchObject({ passes: count, ms: times.at(-1) });
      expect([result.picture.width, result.picture.height]).toEqual([16, 16]);
      expect(passes.at(-1)!.tokens).not.toContain(MASK);
    }
  });

  it('fixes one token a pass, row by row, in both lanes against MaskGIT', async () => {
    const lanes = racer();
    await lanes.load(masked, () => {}, never);
    await lanes.load(causal, () => {}, never);
    for (const kind of ['oneByOne', 'cached'] as const) {
      for (const { pass, tokens } of (await run(lanes, kind)).passes) {
        expect([...tokens].map((token) => token === MASK)).toEqual(Array.from(tokens, (_, p) => p >= pass));
      }
    }
  });

  it('stops within a pass', async () => {
    const lanes = plainRacer(); // through messages a stop may come when all is done
    await lanes.load(masked, () => {}, never);
    const stop = new AbortController();
    let seen = 0;
    const onPass = (): void => {
      seen++;
      stop.abort();
    };
    await expect(lanes.run({ kind: 'oneByOne', classId: 1, seed: 7 }, onPass, stop.signal)).rejects.toThrow(/abort/i);
    expect(seen).toBe(1);
    await expect(run(lanes, 'parallel')).resolves.toBeDefined();
  });

  it('says what is missing', async () => {
    await expect(run(racer(), 'cached')).rejects.toThrow('nothing was loaded that runs in the lane cached');
  });
});

it('one by one means as many steps as positions, on every grid', () => {
  for (const positions of [16, 64, 256, 1024]) {
    const settings = oneByOne({ ...defaultSettings, corrections: 4 }, positions);
    const grid = { rows: Math.sqrt(positions), cols: Math.sqrt(positions) };
    const counts = stepCounts(settings, start(settings, new Int32Array(positions).fill(MASK)), grid);
    expect(counts.map(({ masked }) => masked)).toEqual(Array.from({ length: positions }, (_, i) => positions - 1 - i));
  }
});
