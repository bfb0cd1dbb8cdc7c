import { writeWhole } from '../files.ts';
import { optional, parseFlags, path, text } from '../flags.ts';
import { measure, type BenchResult, type ProgramCounts } from '../measure.ts';
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
        const scripts = await scriptBytes(host.root);
        const report = { model, ...result, scripts, ...(await sourceOfRun(host.root)) };
        progress.clear();
        host.out(tableOf(model, result, scripts));
        if (typed.json !== undefined) await writeWhole(typed.json, `${JSON.stringify(report, null, 2)}\n`);
      },
      { ready: true },
    );
  },
};

type Row = readonly [what: string, value: string | number, unit: string];

/** The result for a person: what, how many, in which unit. */
function tableOf(model: string, result: BenchResult, scripts: Awaited<ReturnType<typeof scriptBytes>>): string {
  const { adapter, step, run, memory, wgsl, times } = result;
  const rows: Row[] = [
    ['adapter', adapter.description || adapter.architecture, adapter.isFallback ? 'software' : ''],
    ...programRows('step', step),
    ...(result.decode ? programRows('decode', result.decode) : []),
    ['passes a run', run.passes, `${run.steps} steps and what follows them`],
    ['submits a run', run.submits, ''],
    ['objects created a run', run.createdObjects, 'buffers, bind groups, pipelines'],
    ['scratch held', memory.scratch, 'bytes'],
    ['weights held', memory.weights, 'bytes'],
    ['WGSL in use', wgsl.bytes, `bytes in ${wgsl.kernels} kernels`],
    ['JS of the page', scripts?.pageBytes ?? 'not built', `bytes, gzip; ${scripts?.lazyBytes ?? 0} more when wanted`],
    ['JS of the worker', scripts?.workerBytes ?? 'not built', 'bytes, gzip'],
    ['JS of the importer', scripts?.importerBytes ?? 'not built', 'bytes, gzip'],
    ['time a step', times.stepMs.toFixed(2), `ms, median of ${times.samples}`],
  ];
  if (times.decodeMs !== undefined)
    rows.push(['time a decode', times.decodeMs.toFixed(2), `ms, median of ${times.rounds}`]);
  const lines = rows.map(([what, value, unit]) => `${what.padEnd(24)}${String(value).padStart(14)}  ${unit}`.trimEnd());
  return `${model}\n${lines.join('\n')}\n`;
}

function programRows(name: string, counts: ProgramCounts): Row[] {
  return [
    [`dispatches a ${name}`, counts.dispatches, ''],
    [`operations a ${name}`, counts.operations, ''],
    [`peak arena of a ${name}`, counts.scratchBytes, `bytes, ${counts.unsharedScratchBytes} unshared`],
  ];
}
