/** `npm run test:long`: the tests that are too slow for `npm test`, `*.long.ts`. */
import { join } from 'node:path';
import { runInForeground } from '../infra/setup/command.mjs';
import { main, setUp } from '../infra/setup/main.mjs';
import { modules, root } from '../infra/setup/paths.mjs';

await main(async () => {
  await setUp();
  const vitest = join(modules, 'vitest', 'vitest.mjs');
  const config = join(root, 'test', 'long.vitest.config.ts');
  return runInForeground([
    process.execPath,
    vitest,
    'run',
    '--config',
    config,
    ...process.argv.slice(2),
  ]);
});
