import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../core/config.ts';
import { failureOf } from '../gpu/lost.ts';
import { plainCapabilities } from '../program/capabilities.ts';
import { testDevice } from '../testing/device.ts';
import { officialConfig } from '../testing/officialConfig.ts';
import { loadSession } from './load.ts';

/** The official networks for 512 pixels, with this many channels at full resolution in place of 128. */
function withFilters(filters: number): ModelConfig {
  const { tokenizer, ...others } = officialConfig(512);
  return { ...others, tokenizer: { ...tokenizer, filters } };
}

/** Load a model whose shards are never to be had; tells whether any was asked for. */
async function load(config: ModelConfig): Promise<{ failure: Error; asked: boolean }> {
  const { device, report } = await testDevice();
  const shards = [{ file: 'weights.safetensors', sizeBytes: 8, sha256: '0'.repeat(64) }];
  const manifest = { format: 'unmask-model', version: 1, id: 'large', name: 'Large', config, classes: [], shards };
  let asked = false;
  const source = {
    name: 'large/model.json',
    manifest: async () => manifest,
    open: async () => {
      asked = true;
      throw new Error('not here');
    },
  };
  const opened = { device, report, capabilities: plainCapabilities };
  const stop = { aborted: false, throwIfAborted() {} };
  const failure = await loadSession(opened, failureOf(device), source, { stop, ready: true }).then(
    () => new Error('loaded'),
    (error: Error) => error,
  );
  return { failure, asked };
}

describe('an adapter with the least limits that WebGPU knows', () => {
  it('refuses what it cannot bind with both numbers, before a byte of weights is asked for', async () => {
    const { failure, asked } = await load(withFilters(160));
    expect(failure).toMatchObject({ name: 'Limits' });
    expect(failure.message).toMatch(/needs 160 MiB in one piece; this adapter allows 128 MiB/);
    expect(asked).toBe(false);
  });

  it('takes the official networks for 512 pixels', async () => {
    const { failure, asked } = await load(withFilters(128));
    expect(failure.message).toBe('not here');
    expect(asked).toBe(true);
  });
});
