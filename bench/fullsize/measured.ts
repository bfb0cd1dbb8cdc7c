import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { folderSource } from '../../src/cli/models.ts';
import { openFile, writeWhole, type OpenFile } from '../../src/cli/files.ts';
import { neverStop } from '../../src/cli/session.ts';
import type { ModelConfig } from '../../src/core/config.ts';
import { importModel, type ImportOptions } from '../../src/engine/import/importModel.ts';
import { loadSession } from '../../src/engine/load.ts';
import { recordDecode, recordEncode, recordLogits, recordStep } from '../../src/engine/programs.ts';
import type { Session } from '../../src/engine/session.ts';
import { failureOf } from '../../src/gpu/lost.ts';
import { openDevice } from '../../src/gpu/open.ts';
import { nodeGpu } from '../../src/host/node.ts';
import { plainCapabilities, type Capabilities } from '../../src/program/capabilities.ts';
import { costOf } from '../../src/program/cost.ts';
import type { Program } from '../../src/program/program.ts';
import { bytesOf } from '../../src/program/tensor.ts';
import { keep } from './results.ts';

/** Where checkpoints and imported models are kept between runs: gigabytes that nobody commits. */
export const cache = new URL('../../.cache/fullsize/', import.meta.url).pathname;

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

/** A line of what is measured. */
export function tell(network: string, text: string): void {
  console.log(`${network}: ${text}`);
}

/** Import checkpoints into `.cache/fullsize/<id>` unless they are there, and tell the time and memory it took. */
export async function imported(
  id: string,
  files: { readonly tokenizer?: string; readonly transformer?: string },
  options: Partial<ImportOptions> = {},
): Promise<string> {
  const folder = join(cache, id);
  if (existsSync(join(folder, 'model.json'))) return folder;
  await mkdir(folder, { recursive: true });
  const open: OpenFile[] = [];
  const opened = async (path: string | undefined): Promise<OpenFile | undefined> => {
    if (path === undefined) return undefined;
    open.push(await openFile(path));
    return open.at(-1);
  };
  const peak = startPeak();
  const sinceMs = performance.now();
  const sources = { tokenizer: await opened(files.tokenizer), transformer: await opened(files.transformer) };
  let heapBytes = 0;
  const watchHeap = (): void => {
    const { heapUsed, external } = process.memoryUsage();
    heapBytes = Math.max(heapBytes, heapUsed + external);
  };
  const write = (name: string, bytes: Uint8Array): Promise<void> => writeWhole(join(folder, name), bytes);
  const { shards } = await importModel(sources, { id, dtype: 'f32', ...options }, write, watchHeap);
  for (const file of open) await file.close();
  const bytes = shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const seconds = Number(((performance.now() - sinceMs) / 1000).toFixed(1));
  const processBytes = peak();
  tell(id, `imported ${mib(bytes)} in ${seconds} s; heap at most ${mib(heapBytes)}, process + ${mib(processBytes)}`);
  keep({ sizeBytes: bytes, seconds, heapBytes, processBytes }, `import of ${id}`);
  return folder;
}

/** What a program will take on a device, before there is one. */
export interface Planned {
  readonly weightBytes: number;
  readonly scratchBytes: number;
  /** The largest tensor: what must be bound in one piece. */
  readonly largest: { readonly label: string; readonly bytes: number };
}

export type PartName = 'step' | 'guided step' | 'logits' | 'decode' | 'encode';

/** The programs of a model by what they do, for a device of these capabilities. */
export function programsOf(config: ModelConfig, capabilities: Capabilities): ReadonlyMap<PartName, Program> {
  const { transformer, tokenizer } = config;
  const parts: [PartName, Program][] = [];
  if (transformer) {
    parts.push(['logits', recordLogits(config, capabilities).program]);
    parts.push(['step', recordStep(config, capabilities, { rows: 1, noise: 'explicit' }).program]);
    if (transformer.nullClass) {
      parts.push(['guided step', recordStep(config, capabilities, { rows: 2, noise: 'generated' }).program]);
    }
  }
  if (tokenizer) {
    parts.push(['decode', recordDecode(config, capabilities).program]);
    parts.push(['encode', recordEncode(config, capabilities).program]);
  }
  return new Map(parts);
}

export function planOf(program: Program): Planned {
  const { weightBytes, scratchBytes } = costOf(program);
  const largest = program.tensors.reduce((most, tensor) => (bytesOf(tensor) > bytesOf(most) ? tensor : most));
  return { weightBytes, scratchBytes, largest: { label: largest.label, bytes: bytesOf(largest) } };
}

/** Plan every program for the least that WebGPU guarantees and tell it; returns the bytes of the largest binding. */
export function largestBinding(network: string, config: ModelConfig, isFallback: boolean): number {
  const plans = [...programsOf(config, { ...plainCapabilities, isFallback })].map(([part, program]) => {
    const { weightBytes, scratchBytes, largest } = planOf(program);
    const gflop = (costOf(program).operations / 1e9).toFixed(0);
    const piece = `largest piece ${mib(largest.bytes)} (${largest.label})`;
    const kind = isFallback ? 'software' : 'GPU';
    tell(
      network,
      `${part} on ${kind}: ${gflop} GFLOP, weights ${mib(weightBytes)}, scratch ${mib(scratchBytes)}, ${piece}`,
    );
    return largest.bytes;
  });
  return Math.max(...plans);
}

/** A session of its own for one part, so that what it holds is what that part takes; tells time and memory. */
export async function measured<T>(
  network: string,
  part: PartName,
  folder: string,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const peak = startPeak();
  const opened = await openDevice(await nodeGpu());
  const options = { stop: neverStop, ready: false };
  const { session } = await loadSession(opened, failureOf(opened.device), folderSource(folder), options);
  try {
    const [sinceMs, sinceCpu] = [performance.now(), process.cpuUsage()];
    const result = await use(session);
    const seconds = Number(((performance.now() - sinceMs) / 1000).toFixed(1));
    const { user, system } = process.cpuUsage(sinceCpu);
    const cpuSeconds = Number(((user + system) / 1e6).toFixed(1));
    const program = programsOf(session.config, opened.capabilities).get(part)!;
    const planned = planOf(program);
    const { weights, scratch, states } = session.memory.bytes;
    const processBytes = peak();
    tell(
      network,
      `${part}: ${seconds} s, ${cpuSeconds} s of processors, with compiling and upload; weights ${mib(weights)} of ${mib(planned.weightBytes)} planned, ` +
        `scratch ${mib(scratch)} of ${mib(planned.scratchBytes)} planned, states ${mib(states)}; process + ${mib(processBytes)}`,
    );
    const { description } = opened.report;
    const gflop = Number((costOf(program).operations / 1e9).toFixed(1));
    keep({
      adapter: description,
      part,
      gflop,
      seconds,
      cpuSeconds,
      ...planned,
      heldBytes: session.memory.bytes,
      processBytes,
    });
    if (weights !== planned.weightBytes || scratch !== planned.scratchBytes) {
      throw new Error(`${network}, ${part}: memory is not as planned`);
    }
    return result;
  } finally {
    await session.destroy();
    opened.device.destroy();
  }
}

/** Forget the process's peak of resident memory; the function returned gives the growth since, in bytes. Linux only. */
function startPeak(): () => number {
  const status = (field: string): number => {
    if (!existsSync('/proc/self/status')) return 0;
    return 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
  };
  if (existsSync('/proc/self/clear_refs')) writeFileSync('/proc/self/clear_refs', '5');
  const before = status('VmRSS');
  return () => status('VmHWM') - before;
}
