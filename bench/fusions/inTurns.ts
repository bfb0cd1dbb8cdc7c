import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { workerThreadsMs } from '../../src/cli/processorTime.ts';
import { median } from '../../src/core/median.ts';
import { ModelMemory } from '../../src/gpu/memory.ts';
import { compile } from '../../src/gpu/plan.ts';
import type { Capabilities } from '../../src/program/capabilities.ts';
import { Recorder, type Program } from '../../src/program/program.ts';
import { testDevice } from '../../src/testing/device.ts';
import { normal } from '../../src/testing/values.ts';

/** What a variant took for one replay: medians over the rounds. */
export interface Taken {
  readonly ms: number;
  /** All threads of a software adapter together; depends little on what else the machine does. */
  readonly processorMs: number;
}

/** The kernel counts processor time in ticks of 10 ms: a round is long enough that one more or less is 2 %. */
const LEAST_ROUND_MS = 500;

/** Fewer, where an adapter takes minutes for a round: FUSIONS_ROUNDS. */
const ROUNDS = Number(process.env['FUSIONS_ROUNDS'] ?? 7);

/** Replay every variant `rounds` times in turns; each submits its work when it is called. */
export async function inTurns<K extends string>(
  variants: Readonly<Record<K, () => void>>,
  rounds = ROUNDS,
): Promise<Record<K, Taken>> {
  const { device } = await testDevice();
  const names = Object.keys(variants) as K[];
  const once = async (name: K, times: number): Promise<Taken> => {
    const [sinceMs, sinceProcessorMs] = [performance.now(), workerThreadsMs() ?? 0];
    for (let i = 0; i < times; i++) variants[name]();
    await device.queue.onSubmittedWorkDone();
    const processorMs = (workerThreadsMs() ?? 0) - sinceProcessorMs;
    return { ms: (performance.now() - sinceMs) / times, processorMs: processorMs / times };
  };
  const times = {} as Record<K, number>;
  for (const name of names) {
    await once(name, 1); // what is prepared at a first use
    const { ms, processorMs } = await once(name, 2);
    times[name] = Math.max(1, Math.ceil(LEAST_ROUND_MS / Math.max(ms, processorMs)));
  }
  const taken = names.map((name) => ({ name, rounds: [] as Taken[] }));
  for (let round = 0; round < rounds; round++) {
    for (const each of taken) each.rounds.push(await once(each.name, times[each.name]));
  }
  const of = (list: readonly Taken[], key: keyof Taken): number => median(list.map((one) => one[key]));
  return Object.fromEntries(
    taken.map(({ name, rounds: list }) => [name, { ms: of(list, 'ms'), processorMs: of(list, 'processorMs') }]),
  ) as Record<K, Taken>;
}

/** Print what was measured, and add it to the file that `FUSIONS_JSON` names, with adapter, commit and load. */
export async function keep(title: string, measured: Readonly<Record<string, unknown>>): Promise<void> {
  console.log(title, JSON.stringify(measured));
  const file = process.env['FUSIONS_JSON'];
  if (!file) return;
  const { report } = await testDevice();
  const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
  const about = { adapter: report.description || report.architecture, commit: git('rev-parse', '--short', 'HEAD') };
  const all = { kind: 'fusions', ...known, [title]: { ...about, load: loadavg(), ...measured } };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}

/** Record, compile and fill with random values each variant of the same work, and time them in turns. */
export async function timePrograms<K extends string>(
  records: Readonly<Record<K, (rec: Recorder) => void>>,
  kinds: Readonly<Record<K, Partial<Capabilities>>>,
  rounds?: number,
): Promise<Record<K, Taken>> {
  const { device, capabilities } = await testDevice();
  const memory = new ModelMemory(device, capabilities);
  const names = Object.keys(records) as K[];
  const programs = {} as Record<K, Program>;
  for (const name of names) {
    const rec = new Recorder({ ...capabilities, ...kinds[name] });
    records[name](rec);
    programs[name] = rec.finish(name);
  }
  const plans = await compile(memory, programs);
  for (const name of names) {
    const given = programs[name].tensors.filter(({ role }) => role !== 'scratch');
    given.forEach((tensor, i) => memory.write(tensor, normal(tensor.shape, i, 0.3)));
  }
  const runs = Object.fromEntries(names.map((name) => [name, (): void => plans[name].run()])) as Record<K, () => void>;
  try {
    return await inTurns(runs, rounds);
  } finally {
    memory.destroy();
  }
}
