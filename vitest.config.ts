/** Tests run one file at a time against one real stack, which global-setup starts and takes down. */
import { defineConfig } from 'vitest/config';

// The pinned AWS SDK supports this Node; its notice is about versions to come.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
