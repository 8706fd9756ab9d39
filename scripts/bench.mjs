/** `npm run bench`: sets up, then measures; see docs/studies/engine-benchmark.md. */
import { join } from 'node:path';
import { runInForeground } from '../infra/setup/command.mjs';
import { build } from '../infra/setup/compile.mjs';
import { main, setUp } from '../infra/setup/main.mjs';

await main(async () => {
  await setUp();
  const program = join(build, 'bench', 'main.js');
  return runInForeground([
    process.execPath,
    '--enable-source-maps',
    program,
    ...process.argv.slice(2),
  ]);
});
