import { defineConfig } from 'vitest/config';

/** `npm run fullsize`: hours of work for a software adapter, so no part of `npm test`. */
export default defineConfig({
  root: new URL('../../', import.meta.url).pathname,
  test: {
    include: ['bench/fullsize/*.test.ts'],
    fileParallelism: false,
    testTimeout: 24 * 3600 * 1000,
    hookTimeout: 3600 * 1000,
    disableConsoleIntercept: true,
  },
});
