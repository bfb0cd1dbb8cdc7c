import { defineConfig } from 'vitest/config';

/** What a fusion saves, in turns with what it replaces: `npx vitest run --config bench/fusions/vitest.config.ts`. */
export default defineConfig({
  root: new URL('../../', import.meta.url).pathname,
  test: {
    include: ['bench/fusions/*.test.ts'],
    fileParallelism: false,
    testTimeout: 3600 * 1000,
    disableConsoleIntercept: true,
  },
});
