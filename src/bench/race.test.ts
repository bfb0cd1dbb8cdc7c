import { describe, expect, it } from 'vitest';
import { testDevice } from '../testing/device.ts';
import { measureRace } from './race.ts';
import { raceTable } from './raceTable.ts';

describe('the bench of a race', () => {
  it('times every way to a picture, and names what it left out', async () => {
    const said: string[] = [];
    const watch = { tell: (doing: string) => void said.push(doing) };
    const result = await measureRace(await testDevice(), watch, [{ side: 4, passes: 2, every: 4 }]);
    const [row] = result.rows;
    expect(row).toMatchObject({ tokens: 16, parallelPasses: 2, sampledEvery: 4 });
    for (const ms of Object.values(row!.ms)) expect(ms).toBeGreaterThan(0);
    expect(row!.timesParallel.oneByOne).toBeCloseTo(row!.ms.oneByOne / row!.ms.parallel, 6);
    for (const { linearMs, rowLinearMs } of result.products) expect(Math.min(linearMs, rowLinearMs)).toBeGreaterThan(0);
    expect(raceTable(result).split('\n')[2]).toContain('16');
    expect(said).toContain('16 tokens: compile');
  });
});
