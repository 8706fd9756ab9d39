/** The long chaos run alone, its lines printed as they come. */
import { defineConfig } from 'vitest/config';
import { shared } from '../shared.vitest.config.js';

export default defineConfig({
  test: { ...shared, include: ['test/chaos/*.chaos.ts'], disableConsoleIntercept: true },
});
