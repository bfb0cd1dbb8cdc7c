import { defineConfig } from '@playwright/test';

const PORT = 4173;

/** What every run of Chromium here needs: no sandbox in containers, and nothing that calls home. */
export const plainArgs = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** A GPU made of software: every machine has it, and it gives the same tokens everywhere. */
export const gpuArgs = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** Journeys through the built page: `npx vite build && npx playwright test`. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // The software adapter uses every core: one page at a time, or none is in time.
  workers: 1,
  // Waits are for states, not for speed: a shared machine may be several times slower than a quiet one.
  timeout: 300_000,
  expect: { timeout: 30_000, toHaveScreenshot: { maxDiffPixelRatio: 0.01, stylePath: 'e2e/screenshot.css' } },
  snapshotPathTemplate: 'e2e/screenshots/{arg}{ext}',
  reporter: 'list',
  use: {
    baseURL: `http://localhost:${PORT}/`,
    viewport: { width: 1280, height: 800 },
    colorScheme: 'dark',
    trace: 'retain-on-failure',
    // Journeys that stand in for the network must see every request.
    serviceWorkers: 'block',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] || '/usr/bin/chromium',
      args: [...plainArgs, ...gpuArgs],
    },
  },
  webServer: {
    command: `npx vite preview --port ${PORT} --strictPort --host localhost`,
    url: `http://localhost:${PORT}/`,
    reuseExistingServer: false,
  },
});
