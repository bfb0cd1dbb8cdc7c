import { createReadStream, existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connect, Plugin } from 'vite';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const folders: Readonly<Record<string, string>> = {
  '/ort/': join(here, 'node_modules/onnxruntime-web/dist/'),
  '/models/': join(here, '../../public/models/'),
};
const types: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** onnxruntime's modules as they were published, and the models of this repository. */
function served(): Plugin {
  const answer: Connect.NextHandleFunction = (request, response, next) => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0]!);
    const prefix = Object.keys(folders).find((start) => path.startsWith(start));
    const file = prefix && join(folders[prefix]!, path.slice(prefix.length));
    if (!file || !file.startsWith(folders[prefix]!) || !existsSync(file)) return next();
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    createReadStream(file).pipe(response);
  };
  return { name: 'served', configurePreviewServer: ({ middlewares }) => void middlewares.use(answer) };
}

export default defineConfig({
  root: here,
  publicDir: false,
  plugins: [served()],
  build: {
    target: 'esnext',
    outDir: join(here, '../../.cache/peers'),
    emptyOutDir: true,
    chunkSizeWarningLimit: 5000,
    // Loaded at run time from where it lies, with its workers and its WebAssembly.
    rollupOptions: { external: [/^\/ort\//] },
  },
  preview: {
    // Threads of WebAssembly need a page that is isolated.
    headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
  },
});
