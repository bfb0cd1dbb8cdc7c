// `npm run startup`: what a first and a second visit wait for, over slow lines: first paint, first recorded frame, engine
// ready, first real picture, and which stage of the load came when (docs/performance.md). Builds the page into
// .cache/startup and serves it from here, so that the line is as slow for workers as for the page.
//   npm run startup -- [--gpu] [--only slow] [--json bench/results/….json]
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, loadavg } from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { commitOf } from './commit.mjs';
import { findChromium } from './system.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pages = join(root, '.cache', 'startup');

/** Lines as Chromium's developer tools name them; `cpu` slows the page's main thread down, not its workers. */
const lines = [
  { name: 'no limit', bitsPerMs: Number.POSITIVE_INFINITY, delayMs: 0, cpu: 1 },
  { name: 'fast 4G', bitsPerMs: 9_000, delayMs: 60, cpu: 1 },
  { name: 'slow 4G, slow phone', bitsPerMs: 1_600, delayMs: 150, cpu: 4 },
];
const chunkBytes = 16_384;
const waitMs = 600_000;

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.txt': 'text/plain',
};

/** A server behind one line that all its answers share. */
function serve({ bitsPerMs, delayMs }) {
  let freeAtMs = 0;
  const sent = { bytes: 0 };
  const server = createServer(async ({ url }, response) => {
    const path = normalize(decodeURIComponent(new URL(url, 'http://x').pathname));
    const file = join(pages, path.endsWith('/') ? `${path}index.html` : path);
    await sleep(delayMs);
    if (!file.startsWith(pages) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const type = types[extname(file)];
    const packs = type !== undefined && !type.startsWith('image/webp');
    const body = packs ? gzipSync(readFileSync(file)) : readFileSync(file);
    response.writeHead(200, {
      'content-type': type ?? 'application/octet-stream',
      'content-length': body.length,
      'cache-control': file.includes('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
      ...(packs && { 'content-encoding': 'gzip' }),
    });
    for (let at = 0; at < body.length; at += chunkBytes) {
      const chunk = body.subarray(at, at + chunkBytes);
      freeAtMs = Math.max(freeAtMs, performance.now()) + (8 * chunk.length) / bitsPerMs;
      if (freeAtMs - performance.now() > 1) await sleep(freeAtMs - performance.now());
      response.write(chunk);
      sent.bytes += chunk.length;
    }
    response.end();
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ server, sent })));
}

/** Runs in the page before anything else: when the stage first plays, and when which stage of the load was said. */
function watch() {
  const seen = { stages: [] };
  globalThis.startup = seen;
  const once = (key, isThere, then = () => {}) => {
    if (seen[key] !== undefined || !isThere) return;
    seen[key] = performance.now();
    then();
  };
  const said = (selector) => document.querySelector(selector)?.getAttribute('aria-label') ?? '';
  const look = () => {
    const generate = document.querySelector('[data-generate]:enabled');
    once('frameMs', /step \d+ of \d+/.test(said('[role=application]')));
    once('readyMs', document.querySelector('header')?.textContent.includes('ready'));
    once('pressedMs', generate, () => generate.click());
    // From the press until the picture is there, the button stops it instead.
    if (document.querySelector('[data-stop]')) seen.isPainting = true;
    once('pictureMs', seen.isPainting && generate);
    const stage = said('progress[aria-label]');
    if (stage !== '' && seen.stages.at(-1)?.stage !== stage) seen.stages.push({ stage, atMs: performance.now() });
  };
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  });
}

/** One visit, with Generate pressed as soon as it can be. */
async function visit(page, address) {
  await page.goto(address);
  await page.waitForFunction(() => globalThis.startup?.pictureMs !== undefined, undefined, { timeout: waitMs });
  return page.evaluate(() => {
    const { stages, isPainting: _, ...times } = globalThis.startup;
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return { paintMs: paint?.startTime, ...times, stages };
  });
}

async function measure(line, args) {
  const { server, sent } = await serve(line);
  const browser = await chromium.launch({ executablePath: findChromium(), args });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.addInitScript(watch);
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: line.cpu });
    const address = `http://localhost:${server.address().port}/`;
    const visits = [];
    for (const name of ['first', 'second']) {
      sent.bytes = 0;
      visits.push({ visit: name, ...(await visit(page, address)), bytes: sent.bytes });
      await page.waitForTimeout(3000); // what is kept for the next visit is kept by then
      await page.goto('about:blank');
    }
    return { line: line.name, chromium: browser.version(), visits };
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}

function tableOf(results) {
  const seconds = (ms) => (ms === undefined ? '–' : (ms / 1000).toFixed(1));
  const rows = results.flatMap(({ line, visits }) =>
    visits.map(
      (v) =>
        `| ${line} | ${v.visit} | ${(v.bytes / 1e6).toFixed(1)} | ${[v.paintMs, v.frameMs, v.readyMs, v.pictureMs].map(seconds).join(' | ')} |`,
    ),
  );
  const head =
    '| line | visit | MB sent | first paint, s | first recorded frame, s | ready, s | first real picture, s |';
  return [head, '| --- | --- | ---: | ---: | ---: | ---: | ---: |', ...rows].join('\n');
}

const { values } = parseArgs({
  options: { gpu: { type: 'boolean' }, only: { type: 'string', default: '' }, json: { type: 'string' } },
});
const software = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const hardware = ['--enable-features=Vulkan', '--use-vulkan=native', '--ignore-gpu-blocklist'];
const flags = ['--no-sandbox', '--disable-background-networking', ...(values.gpu ? hardware : software)];
await build({ root, logLevel: 'warn', build: { outDir: pages, emptyOutDir: true } });
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, loadBefore: loadavg() };
const results = [];
for (const line of lines.filter(({ name }) => name.includes(values.only))) results.push(await measure(line, flags));
machine.loadAfter = loadavg();
console.log(tableOf(results));
const report = { kind: 'startup', date: new Date().toISOString(), commit: commitOf(root), flags, machine, results };
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
