import type { ProductChoice } from '../core/tuning.ts';
import type { KernelTime, ProgramTime } from './kernelTimes.ts';
import type { BatchTimes } from './batch.ts';
import type { BenchResult, ProgramCounts } from './measure.ts';
import type { StageTimes } from './stages.ts';

/** Gzipped bytes of a build's scripts. */
interface ScriptBytes {
  readonly pageBytes: number;
  readonly workerBytes: number;
  readonly importerBytes: number;
  readonly lazyBytes: number;
}

/** What is told beside the result; a browser cannot weigh its own scripts. */
export interface Surroundings {
  readonly scripts?: ScriptBytes | undefined;
  readonly load?: StageTimes | undefined;
  readonly products?: readonly ProductChoice[];
}

type Row = readonly [what: string, value: string | number, unit: string];

/** The result for a person: what, how many, in which unit; then every kernel. */
export function tableOf(
  model: string,
  result: BenchResult,
  { scripts, load, products = [] }: Surroundings = {},
): string {
  const { adapter, run, memory, wgsl } = result;
  const rows: Row[] = [
    ['adapter', adapter.description || adapter.architecture, adapter.isFallback ? 'software' : ''],
    ...programRows('step', result.step),
    ...(result.decode ? programRows('decode', result.decode) : []),
    ['passes a run', run.passes, `${run.steps} steps and what follows them`],
    ['submits a run', run.submits, ''],
    ['objects created a run', run.createdObjects, 'buffers, bind groups, pipelines'],
    ['scratch held', memory.scratch, 'bytes'],
    ['weights held', memory.weights, 'bytes'],
    ['WGSL in use', wgsl.bytes, `bytes in ${wgsl.kernels} kernels`],
    ...(scripts ? scriptRows(scripts) : []),
    ...Object.entries(load ?? {}).map(([stage, ms]): Row => [`load: ${stage}`, ms.toFixed(0), 'ms']),
    ...timeRows(result),
    ...(result.batch ? batchRows(result.batch) : []),
  ];
  const lines = rows.map(([what, value, unit]) => `${what.padEnd(24)}${String(value).padStart(14)}  ${unit}`.trimEnd());
  const { step, decode } = result.programs;
  const parts = [
    [model, ...lines],
    kernelLines('step', step),
    ...(decode ? [kernelLines('decode', decode)] : []),
    ...(products.length > 0 ? [productLines(products)] : []),
  ];
  return `${parts.map((part) => part.join('\n')).join('\n\n')}\n`;
}

function programRows(name: string, counts: ProgramCounts): Row[] {
  return [
    [`dispatches a ${name}`, counts.dispatches, ''],
    [`operations a ${name}`, counts.operations, ''],
    [`peak arena of a ${name}`, counts.scratchBytes, `bytes, ${counts.unsharedScratchBytes} unshared`],
  ];
}

function scriptRows(scripts: ScriptBytes): Row[] {
  return [
    ['JS of the page', scripts.pageBytes, `bytes, gzip; ${scripts.lazyBytes} more when wanted`],
    ['JS of the worker', scripts.workerBytes, 'bytes, gzip'],
    ['JS of the importer', scripts.importerBytes, 'bytes, gzip'],
  ];
}

function timeRows({ times, roofline }: BenchResult): Row[] {
  const { rounds } = times;
  return [
    ['time a step', times.stepMs.toFixed(2), `ms, median of ${times.samples}`],
    ...(times.decodeMs === undefined
      ? []
      : [['time a decode', times.decodeMs.toFixed(2), `ms, median of ${rounds}`] as const]),
    ['time a picture', times.pictureMs.toFixed(1), `ms, median of ${rounds}`],
    ...(times.processorMs === undefined
      ? []
      : [['processor time of that', times.processorMs.toFixed(0), 'ms of all cores together'] as const]),
    ['time a readback', times.readbackMs.toFixed(2), `ms, median of ${rounds}`],
    ['most operations, f32', roofline.f32GflopPerS.toFixed(1), 'GFLOP/s'],
    ...(roofline.f16GflopPerS === undefined
      ? []
      : [['most operations, f16', roofline.f16GflopPerS.toFixed(1), 'GFLOP/s'] as const]),
    ['most bytes read', roofline.readGbPerS.toFixed(1), `GB/s over ${roofline.sweptBytes / 2 ** 20} MiB`],
    ['most bytes written', roofline.writeGbPerS.toFixed(1), 'GB/s'],
  ];
}

function batchRows({ pictures, rounds, togetherMs, oneByOneMs, ratio, processor }: BatchTimes): Row[] {
  const by = processor ? 'of processor time' : 'by the clock';
  return [
    [`a picture of ${pictures}`, togetherMs.toFixed(1), `ms, median of ${rounds}; one by one ${oneByOneMs.toFixed(1)}`],
    ['together ÷ one by one', ratio.toFixed(2), by],
  ];
}

function kernelLines(name: string, { ms, gflopPerS, rooflinePercent, clock, kernels }: ProgramTime): string[] {
  const total = kernels.reduce((sum, kernel) => sum + kernel.ms, 0);
  const line = ({ kernel, size, calls, ...k }: KernelTime): string =>
    [
      kernel.padEnd(18),
      String(calls).padStart(3),
      k.ms.toFixed(2).padStart(10),
      `${((100 * k.ms) / total).toFixed(0)}%`.padStart(5),
      k.gflopPerS.toFixed(2).padStart(10),
      k.gbPerS.toFixed(2).padStart(9),
      `${k.rooflinePercent.toFixed(0)}%`.padStart(9),
      ` ${size}`,
    ].join(' ');
  return [
    `${name}: ${ms.toFixed(2)} ms in one pass, ${gflopPerS.toFixed(2)} GFLOP/s, ${rooflinePercent.toFixed(0)} % of the roofline; ` +
      `kernels by ${clock}, ${total.toFixed(2)} ms together`,
    'kernel           calls         ms share    GFLOP/s      GB/s  roofline  size',
    ...kernels.map(line),
  ];
}

/** Which variant each product is computed with, and by what it was chosen. */
function productLines(products: readonly ProductChoice[]): string[] {
  const line = ({ product, calls, variant, usual, ms = {} }: ProductChoice): string => {
    const times = Object.entries(ms).toSorted(([, a], [, b]) => a - b);
    const measured = times.map(([name, time]) => `${name}: ${time.toPrecision(3)}`).join(', ');
    const why = times.length === 0 ? 'by rule' : variant === usual ? 'as by rule' : `by rule ${usual}`;
    return `${product.padEnd(32)}${String(calls).padStart(3)}  ${variant.padEnd(12)}${why.padEnd(18)}${measured}`.trimEnd();
  };
  return ['product, and calls in a step and a decode    variant   (ms where measured)', ...products.map(line)];
}
