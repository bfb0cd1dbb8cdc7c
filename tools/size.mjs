// `npm run size`: what the built page and its workers weigh (gzip), lines and bytes of WGSL, and lines of code a room.
// `node tools/size.mjs --check` (in `npm test`, after the build) fails when scripts are over their budget, or have grown
// by more than a sixth since the last result in bench/results.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const filesBelow = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .map((name) => join(folder, name))
        .filter((path) => statSync(path).isFile())
    : [];
const lines = (path) => readFileSync(path, 'utf8').split('\n').length;
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** Most bytes that a visitor's browser has to fetch before it shows or computes anything, gzipped. */
const budgets = { pageBytes: 170_000, workerBytes: 80_000, importerBytes: 80_000 };
const mostGrowth = 7 / 6;

/**
 * Gzipped bytes of a build's scripts: what the page loads at once, what its engine's worker and its importer's do, and
 * what comes when it is wanted. Undefined before a build.
 */
export function bundleSizes(dist = join(root, 'dist')) {
  const names = filesBelow(join(dist, 'assets')).flatMap((path) => (path.endsWith('.js') ? [basename(path)] : []));
  if (names.length === 0) return undefined;
  const text = (name) => readFileSync(join(dist, 'assets', name), 'utf8');
  /** The script and what it imports at once, and not by `import()`. */
  const withImports = (name, found = new Set()) => {
    if (found.has(name)) return found;
    found.add(name);
    for (const [, next] of text(name).matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([^"']+\.js)["']/g))
      withImports(next, found);
    return found;
  };
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  const started = names.flatMap((name) => [...text(name).matchAll(/new Worker\([^`"']*[`"']([\w.-]+\.js)/g)]);
  const workers = [...new Set(started.map(([, name]) => name))];
  const groups = {
    pageBytes: names.filter((name) => page.includes(`assets/${name}`)),
    workerBytes: workers.filter((name) => name.startsWith('worker')),
    importerBytes: workers.filter((name) => name.startsWith('import')),
  };
  const sizes = {};
  const atOnce = new Set();
  const weigh = (some) => sum([...some].map((name) => gzipSync(text(name)).length));
  for (const [group, entries] of Object.entries(groups)) {
    const loaded = new Set(entries.flatMap((name) => [...withImports(name)]));
    for (const name of loaded) atOnce.add(name);
    sizes[group] = weigh(loaded);
  }
  return { ...sizes, lazyBytes: weigh(names.filter((name) => !atOnce.has(name))) };
}

/** Sentences about what is too large; none when all is well. */
function excesses(sizes) {
  const results = join(root, 'bench', 'results');
  const last = filesBelow(results)
    .filter((path) => path.endsWith('.json'))
    .sort()
    .map((path) => JSON.parse(readFileSync(path, 'utf8')).scripts)
    .findLast((scripts) => scripts !== undefined);
  return Object.entries(budgets).flatMap(([group, budget]) => {
    const size = sizes[group];
    const before = last?.[group];
    const said = `${group.replace('Bytes', '')} JS is ${size} bytes`;
    if (size > budget) return [`${said}, its budget is ${budget}.`];
    if (before > 0 && size > before * mostGrowth)
      return [`${said}, it was ${before}; make it smaller, or say why it may and keep a new \`unmask bench --json\`.`];
    return [];
  });
}

function check() {
  const sizes = bundleSizes();
  const problems = sizes === undefined ? ['There is no build to weigh, run npm run build.'] : excesses(sizes);
  for (const problem of problems) console.error(`size: ${problem}`);
  if (problems.length > 0) process.exit(1);
  console.log(
    `size: page ${sizes.pageBytes}, worker ${sizes.workerBytes}, importer ${sizes.importerBytes} bytes of JS.`,
  );
}

function report() {
  const sizes = bundleSizes() ?? {};
  const kb = (bytes) => (bytes ? `${(bytes / 1000).toFixed(1)} kB gzip` : 'not built');
  const { pageBytes, workerBytes, importerBytes, lazyBytes } = sizes;
  console.log(`page JS    ${kb(pageBytes)}, ${kb(lazyBytes)} more when wanted`);
  console.log(`worker JS  ${kb(workerBytes)}, importer ${kb(importerBytes)}`);
  const shaders = filesBelow(join(root, 'shaders'));
  console.log(
    `WGSL       ${shaders.length} files, ${sum(shaders.map(lines))} lines, ${sum(shaders.map((p) => statSync(p).size))} bytes`,
  );
  for (const room of readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    const files = filesBelow(join(root, 'src', room.name)).filter((path) => /\.tsx?$/.test(path));
    const tests = files.filter((path) => path.includes('.test.'));
    const longest = files.filter((p) => !tests.includes(p)).sort((a, b) => lines(b) - lines(a))[0];
    const source = sum(files.map(lines)) - sum(tests.map(lines));
    console.log(
      `${room.name.padEnd(10)} ${String(source).padStart(6)} lines, tests ${String(sum(tests.map(lines))).padStart(5)}` +
        (longest === undefined ? '' : `, longest ${relative(root, longest)} (${lines(longest)})`),
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) check();
  else report();
}
