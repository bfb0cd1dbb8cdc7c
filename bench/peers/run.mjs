// `npm run peers`: the same network in several runtimes on one device, in one page (docs/performance.md). Installs the
// peers below bench/peers on first use. A software adapter takes a quarter of an hour.
//   npm run peers -- [--gpu] [--forms] [--rounds 7] [--picture-rounds 3] [--only step] [--runtime onnx] [--json bench/results/….json]
// --forms tries out which form of onnxruntime's operators is fastest here (with --gpu it always does).
// --gpu lets Chromium use the machine's own graphics card; without it the software adapter is used.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installPackages } from '../../tools/setup.mjs';
import { findChromium } from '../../tools/system.mjs';
import { tableOf } from './table.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');

const plain = ['--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
const software = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const hardware = [
  '--enable-features=Vulkan',
  '--use-vulkan=native',
  '--ignore-gpu-blocklist',
  '--enable-unsafe-webgpu',
];

function installPeers() {
  if (existsSync(join(here, 'node_modules/onnxruntime-web'))) return;
  // Some packages fetch more when they are installed; none of that is needed in a browser.
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the peers could not be installed');
}

/** Open the page, and what `use` gives. */
async function inBrowser(url, args, use) {
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath: findChromium(), args });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => console.error(message.text()));
    page.on('pageerror', (error) => console.error(String(error)));
    await page.goto(url);
    return { report: await use(page), version: browser.version() };
  } finally {
    await browser.close();
  }
}

function asked() {
  const number = (value) => ({ type: 'string', default: value });
  const options = {
    gpu: { type: 'boolean', default: false },
    forms: { type: 'boolean' },
    model: { type: 'string', default: 'mini' },
    rounds: number('7'),
    'picture-rounds': number('3'),
    only: { type: 'string', default: '' },
    runtime: { type: 'string', default: '' },
    json: { type: 'string' },
  };
  return parseArgs({ options }).values;
}

async function main() {
  const values = asked();
  installPackages();
  installPeers();
  const { build, preview } = await import('vite'); // may have been installed only now
  const configFile = join(here, 'vite.config.ts');
  await build({ configFile, logLevel: 'warn' });
  const server = await preview({ configFile, preview: { port: 0, host: 'localhost' } });
  const args = [...plain, ...(values.gpu ? hardware : software)];
  const options = {
    model: values.model,
    rounds: Number(values.rounds),
    pictureRounds: Number(values['picture-rounds']),
    only: values.only,
    runtime: values.runtime,
    triesForms: values.forms ?? values.gpu,
  };
  const [from, startLoad] = [new Date(), loadavg()];
  try {
    const measured = await inBrowser(server.resolvedUrls.local[0], args, (page) =>
      page.evaluate((wanted) => globalThis.runPeers(wanted), options),
    );
    const commit = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root }).stdout?.toString().trim() || 'unknown';
    const machine = { cpu: cpus()[0]?.model, cores: cpus().length, loadBefore: startLoad, loadAfter: loadavg() };
    const result = {
      kind: 'peers',
      date: from.toISOString(),
      seconds: Math.round((Date.now() - from.getTime()) / 1000),
      commit,
      chromium: measured.version,
      flags: args,
      machine,
      peers: JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).dependencies,
      ...measured.report,
    };
    console.log(tableOf(result));
    if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    await server.close();
  }
}

await main();
