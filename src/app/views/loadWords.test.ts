import { describe, expect, it } from 'vitest';
import type { LoadStage } from '../../core/engine.ts';
import { loadWords } from './loadWords.ts';

const loading = (stage: LoadStage, fromCache = false) =>
  loadWords({ kind: 'loading', progress: { stage, doneBytes: 1_250_000, totalBytes: 5_000_000, fromCache } });

describe('loadWords', () => {
  it('says how much has come, of how much, and what comes next', () => {
    expect(loading('download')).toMatchObject({ amount: '1.3 of 5.0 MB', part: 0.25 });
    expect(loading('download')!.next).not.toBe('');
  });

  it('tells bytes of this device from bytes of the network', () => {
    expect(loading('download')!.now).not.toBe(loading('download', true)!.now);
  });

  it('has words for every stage, and none when there is nothing to wait for', () => {
    const stages: LoadStage[] = ['manifest', 'download', 'verify', 'upload', 'compile', 'warmUp'];
    expect(new Set(stages.map((stage) => loading(stage)!.now)).size).toBe(stages.length);
    expect(loading('ready')).toBeUndefined();
    expect(loadWords({ kind: 'failed' })).toBeUndefined();
  });
});
