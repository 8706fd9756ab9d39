/** What all runs of tests have in common: one real stack, which global-setup starts and takes down. */
import { join } from 'node:path';

// The pinned AWS SDK supports this Node; its notice is about versions to come.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

export const shared = {
  root: join(import.meta.dirname, '..'),
  globalSetup: ['test/global-setup.ts'],
  pool: 'forks' as const,
  env: { TF_CPP_MIN_LOG_LEVEL: '3' },
  testTimeout: 60_000,
  hookTimeout: 120_000,
};
