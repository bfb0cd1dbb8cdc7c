import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { cardOf } from './src/core/modelCard.ts';
import { parseManifest } from './src/core/parseManifest.ts';
import { commitOf } from './tools/commit.mjs';

/** Puts README.md and LICENSE beside the page, as text that browsers show: the page links to them. */
function documents(): Plugin {
  const files = { 'README.txt': 'README.md', 'LICENSE.txt': 'LICENSE' };
  return {
    name: 'documents',
    generateBundle() {
      for (const [fileName, from] of Object.entries(files)) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(new URL(from, import.meta.url), 'utf8') });
      }
    },
  };
}

const models = new URL('public/models/', import.meta.url);

/** The cards of every model under public/models, so that the page knows them from data. */
function modelCards(): string {
  const cards = readdirSync(models)
    .filter((id) => existsSync(new URL(`${id}/model.json`, models)))
    .map((id) => JSON.parse(readFileSync(new URL(`${id}/model.json`, models), 'utf8')) as unknown)
    .map((json) => cardOf(parseManifest(json, 'model.json')));
  return JSON.stringify(cards);
}

/** `models/index.json`: written into a build, answered by the development server. */
function modelIndex(): Plugin {
  return {
    name: 'model-index',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'models/index.json', source: modelCards() });
    },
    configureServer({ middlewares }) {
      middlewares.use('/models/index.json', (_request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(modelCards());
      });
    },
  };
}

/** The service worker (tools/serviceWorker.js) with the names of this build's files. */
function offline(): Plugin {
  return {
    name: 'offline',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        // Not what measures: who wants that is online, and its worker is as large as the engine's.
        const scripts = Object.keys(bundle).filter((name) => name.startsWith('assets/') && !/bench/i.test(name));
        const files = ['./', 'icons/icon.svg', ...scripts.toSorted()];
        const page = bundle['index.html'];
        const html = page?.type === 'asset' ? page.source : '';
        const version = createHash('sha256').update(files.join()).update(html).digest('hex').slice(0, 12);
        const source = readFileSync(new URL('tools/serviceWorker.js', import.meta.url), 'utf8')
          .replace('const FILES = []', `const FILES = ${JSON.stringify(files)}`)
          .replace("const VERSION = ''", `const VERSION = '${version}'`);
        this.emitFile({ type: 'asset', fileName: 'sw.js', source });
      },
    },
  };
}

export default defineConfig({
  base: './',
  // Results of `?bench` name the commit that was built.
  define: { 'import.meta.env.VITE_COMMIT': JSON.stringify(commitOf(import.meta.dirname)) },
  plugins: [react(), documents(), modelIndex(), offline()],
  // Workers are modules: the engine is split from the page and shares no code with React.
  worker: { format: 'es' },
  build: { target: 'es2023', chunkSizeWarningLimit: 700 },
  server: { port: 5173 },
  preview: { port: 4173 },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    // Software adapters share the machine's few cores: one GPU test file at a time keeps time limits honest.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
