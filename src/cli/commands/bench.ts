import { join } from 'node:path';
import { writeWhole } from '../files.ts';
import { optional, parseFlags, path, text } from '../flags.ts';
import { measure, type BenchResult } from '../measure.ts';
import { neverStop, withSession } from '../session.ts';
import { scriptBytes, sourceOfRun } from '../sizes.ts';
import type { Command } from './command.ts';

const flags = { model: optional(text), json: optional(path) };
const defaultModel = 'mini';

export const bench: Command = {
  summary: 'count and time what a picture takes',
  usage: '[--model M] [--json out.json]',
  async run(args, host) {
    const typed = parseFlags(args, flags, 'bench');
    const model = typed.model ?? defaultModel;
    await withSession(
      host,
      model,
      async (session, progress) => {
        const result = await measure(session, neverStop, (round, rounds) =>
          progress.show(`round ${round} of ${rounds}`),
        );
        const scripts = await scriptBytes(join(host.root, 'dist'));
        const report = { model, ...result, scripts, ...(await sourceOfRun(host.root)) };
        progress.clear();
        host.out(tableOf(model, result, scripts));
        if (typed.json !== undefined) await writeWhole(typed.json, `${JSON.stringify(report, null, 2)}\n`);
      },
      { ready: true },
    );
  },
};

/** The result for a person: what, how many, in which unit. */
function tableOf(model: string, result: BenchResult, scripts: Awaited<ReturnType<typeof scriptBytes>>): string {
  const { adapter, step, decode, run, memory, wgsl, times } = result;
  const size = (bytes: number | undefined): string => (bytes === undefined ? 'not built' : `${bytes}`);
  const rows: [string, string | number, string][] = [
    ['adapter', adapter.description || adapter.architecture, adapter.isFallback ? 'software' : ''],
    ['dispatches a step', step.dispatches, ''],
    ['dispatches a decode', decode?.dispatches ?? 'no tokenizer', ''],
    ['passes a run', run.passes, `${run.steps} steps${decode ? ' and a decode' : ''}`],
    ['submits a run', run.submits, ''],
    ['objects created a run', run.createdObjects, 'buffers, bind groups, pipelines'],
    ['peak arena, step', step.scratchBytes, `bytes, ${step.unsharedScratchBytes} unshared`],
    [
      'peak arena, decode',
      decode?.scratchBytes ?? 'no tokenizer',
      `bytes, ${decode?.unsharedScratchBytes ?? 0} unshared`,
    ],
    ['scratch held', memory.scratch, 'bytes'],
    ['weights held', memory.weights, 'bytes'],
    ['WGSL in use', wgsl.bytes, `bytes in ${wgsl.kernels} kernels`],
    ['JS of the page', size(scripts?.pageBytes), 'bytes, gzip'],
    ['JS of the worker', size(scripts?.workerBytes), 'bytes, gzip'],
    ['operations a step', step.operations, ''],
    ['operations a decode', decode?.operations ?? 'no tokenizer', ''],
    ['time a step', times.stepMs.toFixed(2), `ms, median of ${times.samples}`],
    ['time a decode', times.decodeMs?.toFixed(2) ?? 'no tokenizer', `ms, median of ${times.rounds}`],
  ];
  const lines = rows.map(([what, value, unit]) => `${what.padEnd(24)}${String(value).padStart(14)}  ${unit}`.trimEnd());
  return `${model}\n${lines.join('\n')}\n`;
}
