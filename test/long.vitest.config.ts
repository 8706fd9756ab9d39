/** The long tests alone, one file at a time. */
import { defineConfig } from 'vitest/config';
import { shared } from './shared.vitest.config.js';

export default defineConfig({
  test: {
    ...shared,
    include: ['test/**/*.long.ts'],
    fileParallelism: false,
  },
});
