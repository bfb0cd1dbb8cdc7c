import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

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

export default defineConfig({
  base: './',
  plugins: [react(), documents()],
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
