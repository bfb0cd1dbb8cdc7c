import type { RaceResult } from './race.ts';

/** The rows for a person. */
export function raceTable({ adapter, rows, products }: RaceResult): string {
  const columns = [
    'tokens',
    'parallel',
    'one by one',
    'causal anew',
    'causal cached',
    'the three as multiples of parallel',
  ];
  const pad = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i < 5 ? cell.padStart(14) : `   ${cell}`)).join('');
  const lines = rows.map(({ tokens, ms, processorMs = ms, timesParallel: { oneByOne, anew, cached } }) =>
    pad([
      String(tokens),
      ...[processorMs.parallel, processorMs.oneByOne, processorMs.anew, processorMs.cached].map(
        (t) => `${t.toFixed(0)} ms`,
      ),
      `${oneByOne.toFixed(1)} × · ${anew.toFixed(1)} × · ${cached.toFixed(2)} ×`,
    ]),
  );
  const clock = rows[0]?.processorMs ? 'processor time' : 'time';
  const pairs = products.map(
    ({ inWidth, outWidth, linearMs, rowLinearMs }) =>
      `one row × [${inWidth}, ${outWidth}]: linear ${linearMs.toFixed(3)} ms, rowLinear ${rowLinearMs.toFixed(3)} ms`,
  );
  return `${[`race on ${adapter.description || adapter.architecture}, ${clock}`, pad(columns), ...lines, '', ...pairs].join('\n')}\n`;
}
