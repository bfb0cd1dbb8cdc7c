// `npm run size`: what the built page and worker weigh (gzip), lines and bytes of WGSL, and lines of code a room.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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

/** Gzipped bytes of the scripts of a build, page and worker apart. */
export function bundleSizes(dist = join(root, 'dist')) {
  const scripts = filesBelow(join(dist, 'assets')).filter((path) => path.endsWith('.js'));
  const weigh = (paths) => sum(paths.map((path) => gzipSync(readFileSync(path)).length));
  const isWorker = (path) => /worker/i.test(path);
  return { pageBytes: weigh(scripts.filter((p) => !isWorker(p))), workerBytes: weigh(scripts.filter(isWorker)) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { pageBytes, workerBytes } = bundleSizes();
  const kb = (bytes) => (bytes === 0 ? 'not built' : `${(bytes / 1000).toFixed(1)} kB gzip`);
  console.log(`page JS    ${kb(pageBytes)}\nworker JS  ${kb(workerBytes)}`);
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
