/** The long chaos run alone, its lines printed as they come. */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    include: ['test/chaos/*.chaos.ts'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
});
