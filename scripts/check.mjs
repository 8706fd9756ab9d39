/** `npm run check`: format, lint, order of the rooms, unused exports, types, then the tests; stops at the first that fails. */
import { join } from 'node:path';
import { runInForeground } from '../infra/setup/command.mjs';
import { main, setUp } from '../infra/setup/main.mjs';
import { modules, root } from '../infra/setup/paths.mjs';

const checks = [
  [join(modules, 'prettier', 'bin', 'prettier.cjs'), '--check', '.'],
  [join(modules, 'eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.'],
  [
    join(modules, 'dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
    ...['--config', join(root, '.dependency-cruiser.mjs'), '--output-type', 'err-long', root],
  ],
  [
    join(modules, 'knip', 'bin', 'knip.js'),
    ...['--include', 'files,exports,types', '--no-progress', '--no-config-hints'],
  ],
  [join(modules, 'typescript', 'bin', 'tsc'), '--noEmit'],
  [join(root, 'scripts', 'test.mjs')],
];

await main(async () => {
  await setUp();
  for (const check of checks) {
    const code = await runInForeground([process.execPath, ...check]);
    if (code !== 0) return code;
  }
  return 0;
});
