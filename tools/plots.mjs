// `node tools/plots.mjs`: draws the newest results in bench/results as the SVGs of docs/performance.md. No library: bars
// on a light ground with their numbers beside them, readable in both colour schemes of a README.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'bench', 'results');
const results = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .toSorted()
  .map((name) => ({ name, ...JSON.parse(readFileSync(join(folder, name), 'utf8')) }));
const last = (isWanted) => results.findLast(isWanted);

const ink = '#1c1e22';
const soft = '#585c63';
const own = '#0f6e66';
const others = ['#8b8880', '#b59b6a', '#7d86a5', '#a5798f', '#6c9a8b'];
const escape = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Rows of {label, value, text, colour} under headings, on a linear or a logarithmic scale from `least`. */
function bars({ title, note, groups, isLogarithmic = false, least = 0, width = 860, left = 250 }) {
  const values = groups.flatMap(({ rows }) => rows.map(({ value }) => value));
  const most = Math.max(...values) * 1.02;
  const room = width - left - 190;
  const lengthOf = (value) =>
    room * (isLogarithmic ? Math.log(Math.max(value, least) / least) / Math.log(most / least) : value / most);
  let y = 62;
  const parts = [];
  for (const { heading, rows } of groups) {
    if (heading) {
      parts.push(`<text x="20" y="${y + 12}" font-weight="600" fill="${ink}">${escape(heading)}</text>`);
      y += 22;
    }
    for (const { label, value, text, colour } of rows) {
      parts.push(
        `<text x="${left - 10}" y="${y + 12}" text-anchor="end" fill="${ink}">${escape(label)}</text>`,
        `<rect x="${left}" y="${y + 1}" width="${Math.max(1, lengthOf(value)).toFixed(1)}" height="14" rx="2" fill="${colour}"/>`,
        `<text x="${left + Math.max(1, lengthOf(value)) + 8}" y="${y + 12}" fill="${soft}">${escape(text)}</text>`,
      );
      y += 20;
    }
    y += 12;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 8}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escape(title)}">
<rect width="100%" height="100%" rx="8" fill="#ffffff"/>
<text x="20" y="28" font-size="16" font-weight="650" fill="${ink}">${escape(title)}</text>
<text x="20" y="47" fill="${soft}">${escape(note)}</text>
${parts.join('\n')}
</svg>
`;
}

const ms = (value) =>
  value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ms`;
const adapterOf = ({ adapter }) => adapter.description || adapter.architecture;

function drawPeers(result) {
  const names = [...new Set(result.rows.map(({ runtime }) => runtime))].filter((name) => name !== 'Unmask');
  const colourOf = (name) => (name === 'Unmask' ? own : others[names.indexOf(name) % others.length]);
  const tasks = [...new Set(result.rows.map(({ task }) => task))];
  const groups = tasks.map((task) => ({
    heading: task,
    rows: result.rows
      .filter((row) => row.task === task)
      .map(({ runtime, medianMs, ratio }) => ({
        label: runtime,
        value: medianMs,
        text: `${ms(medianMs)}${runtime === 'Unmask' ? '' : `, ${ratio.toFixed(2)} × ours`}`,
        colour: colourOf(runtime),
      })),
  }));
  const least = Math.min(...result.rows.map(({ medianMs }) => medianMs)) / 2;
  const load = result.machine.loadBefore[0].toFixed(0);
  const note = `Time of the same work, logarithmic, shorter is better. ${adapterOf(result)}, Chromium ${result.chromium}, load ${load} on ${result.machine.cores} cores`;
  return bars({
    title: `Same weights, same device, same page: ${result.model}`,
    note,
    groups,
    isLogarithmic: true,
    least,
  });
}

function drawKernels(result) {
  const groups = Object.entries(result.programs).map(([name, program]) => {
    const byKernel = new Map();
    for (const { kernel, ms: time, gflopPerS } of program.kernels) {
      const sum = byKernel.get(kernel) ?? { time: 0, work: 0 };
      byKernel.set(kernel, { time: sum.time + time, work: sum.work + (gflopPerS ?? 0) * time });
    }
    const total = program.kernels.reduce((sum, { ms: time }) => sum + time, 0);
    const rows = [...byKernel]
      .toSorted(([, a], [, b]) => b.time - a.time)
      .slice(0, 6)
      .map(([kernel, { time, work }]) => ({
        label: kernel,
        value: time,
        text: `${ms(time)}, ${((100 * time) / total).toFixed(0)} %, ${(work / time).toFixed(1)} GFLOP/s`,
        colour: own,
      }));
    return { heading: `${name}: ${ms(program.ms)} in one pass`, rows };
  });
  const most = `at most ${result.roofline.f32GflopPerS.toFixed(1)} GFLOP/s, ${result.roofline.readGbPerS.toFixed(1)} GB/s`;
  return bars({
    title: `Where the time goes: ${result.model}`,
    note: `${adapterOf(result)}; this adapter does ${most}`,
    groups,
  });
}

function drawStartup(result) {
  const groups = result.results.flatMap(({ line, visits }) =>
    visits.map((visit) => ({
      heading: `${line}, ${visit.visit} visit, ${(visit.bytes / 1e6).toFixed(1)} MB`,
      rows: [
        ['first paint', visit.paintMs],
        // Later visits show what was painted before instead.
        ['first recorded frame', visit.visit === 'first' ? visit.frameMs : undefined],
        ['ready to paint', visit.readyMs],
        ['first real picture', visit.pictureMs],
      ]
        .filter(([, value]) => value !== undefined)
        .map(([label, value]) => ({
          label,
          value,
          text: ms(value),
          colour: label.includes('picture') ? own : others[0],
        })),
    })),
  );
  const note = `From the address to what is seen, on a software adapter; load ${result.machine.loadBefore[0].toFixed(0)} on ${result.machine.cores} cores`;
  return bars({ title: 'What a visit waits for', note, groups });
}

const drawings = {
  'performance-peers.svg': [drawPeers, last(({ kind }) => kind === 'peers')],
  'performance-kernels.svg': [drawKernels, last(({ programs }) => programs !== undefined)],
  'performance-startup.svg': [drawStartup, last(({ kind }) => kind === 'startup')],
};
for (const [file, [draw, result]] of Object.entries(drawings)) {
  if (result === undefined) continue;
  writeFileSync(join(root, 'docs', file), draw(result));
  console.log(`docs/${file} from ${result.name}`);
}
