/** The long tests alone, on a stack of their own like the others. */
import { join } from 'node:path';
import { defineConfig, mergeConfig } from 'vitest/config';
import config from '../vitest.config.js';

const long = defineConfig({ test: { root: join(import.meta.dirname, '..') } });

export default {
  ...mergeConfig(config, long),
  test: { ...mergeConfig(config, long).test, include: ['test/**/*.long.ts'] },
};
