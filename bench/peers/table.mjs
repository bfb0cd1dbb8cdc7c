// A result of the peers' page as Markdown: a row a task and runtime, slowest column the ratio to our median.

const ms = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

const agreementOf = ({ nmse, argmax, psnrDb }) =>
  [
    `NMSE ${nmse === 0 ? 0 : nmse.toExponential(0)}`,
    argmax === undefined ? '' : `argmax ${(100 * argmax).toFixed(1)} %`,
    psnrDb === undefined ? '' : psnrDb >= 200 ? 'equal' : `${psnrDb.toFixed(0)} dB`,
  ]
    .filter(Boolean)
    .join(', ');

export function tableOf({ rows, refused, adapter, chromium, machine, date }) {
  const load = machine.loadBefore.map((value) => value.toFixed(1)).join(' ');
  const lines = [
    `${adapter.description || adapter.architecture}, Chromium ${chromium}, ${machine.cpu} × ${machine.cores}, load ${load}, ${date}`,
    '',
    '| task | runtime | median, ms | p10–p90 | first run, ms | × ours | dispatches | submits | agrees with CPU |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...rows.map(
      ({ task, runtime, medianMs, p10Ms, p90Ms, firstMs, ratio, counts, agreement }) =>
        `| ${task} | ${runtime} | ${ms(medianMs)} | ${ms(p10Ms)}–${ms(p90Ms)} | ${ms(firstMs)} | ${ratio.toFixed(2)} | ` +
        `${counts.dispatches} | ${counts.submits} | ${agreementOf(agreement)} |`,
    ),
  ];
  if (refused.length > 0)
    lines.push('', ...refused.map(({ task, runtime, why }) => `Left out: ${task}, ${runtime}: ${why}`));
  return lines.join('\n');
}
