import { cpus, loadavg } from 'node:os';
import { checkWritable, writeWhole } from '../files.ts';
import { choice, optional, parseFlags, path, text } from '../flags.ts';
import { measure } from '../../bench/measure.ts';
import { measureRace } from '../../bench/race.ts';
import { raceTable } from '../../bench/raceTable.ts';
import { StageClock } from '../../bench/stages.ts';
import { tableOf } from '../../bench/table.ts';
import { workerThreadsMs } from '../processorTime.ts';
import { ProgressLine, type Host } from '../host.ts';
import { needPainter } from '../sampling.ts';
import { neverStop, readManifest, withDevice, withSession } from '../session.ts';
import { scriptBytes, sourceOfRun } from '../sizes.ts';
import type { Command } from './command.ts';

const flags = {
  of: optional(choice(['picture', 'race'])),
  model: optional(text),
  json: optional(path),
  tune: optional(choice(['again'])),
};
const defaultModel = 'mini';

export const bench: Command = {
  summary: 'count and time what a picture takes',
  usage: '[--of picture|race] [--model M] [--json out.json] [--tune again]',
  async run(args, host) {
    const typed = parseFlags(args, flags, 'bench');
    await checkWritable(typed.json);
    if (typed.of === 'race') return race(host, typed.json);
    const model = typed.model ?? defaultModel;
    needPainter(await readManifest(host, model));
    const load = new StageClock();
    const loadBefore = loadavg();
    await withSession(
      host,
      model,
      async (session, progress, products) => {
        const result = await measure(session, neverStop, {
          tell: (doing) => progress.show(`${doing} …`),
          ...(session.opened.capabilities.isFallback && { processorMs: workerThreadsMs }),
        });
        const scripts = await scriptBytes(host.root);
        const when = await surroundings(host, loadBefore);
        const report = { model, ...result, products, load: load.times, scripts, ...when };
        progress.clear();
        host.out(tableOf(model, result, { scripts, load: load.times, products }));
        if (typed.json !== undefined) await writeWhole(typed.json, `${JSON.stringify(report, null, 2)}\n`);
      },
      { ready: true, tune: typed.tune ? 'anew' : 'complete', onStage: (stage) => load.reach(stage) },
    );
  },
};

/** One token a pass against a few passes of many, with weights that need no file. */
async function race(host: Host, json: string | undefined): Promise<void> {
  const loadBefore = loadavg();
  const progress = new ProgressLine(host);
  await withDevice(async (opened) => {
    const result = await measureRace(opened, {
      tell: (doing) => progress.show(`${doing} …`),
      ...(opened.capabilities.isFallback && { processorMs: workerThreadsMs }),
    });
    const report = { ...result, ...(await surroundings(host, loadBefore)) };
    progress.clear();
    host.out(raceTable(result));
    if (json !== undefined) await writeWhole(json, `${JSON.stringify(report, null, 2)}\n`);
  }).finally(() => progress.clear());
}

/** When and where it was measured, and what else the machine did. */
async function surroundings(host: Host, loadBefore: readonly number[]) {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, loadBefore, loadAfter: loadavg() };
  return { date: new Date().toISOString(), ...(await sourceOfRun(host.root)), machine, gpu: gpuSettings() };
}

/** What decides in the surroundings which adapter Dawn finds. */
function gpuSettings(): Record<string, string> {
  const names = ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'LP_NUM_THREADS', 'UNMASK_DAWN'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
