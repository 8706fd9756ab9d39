/** `npm run bench`: sets up, then measures; see docs/engine.md. */
import { join } from 'node:path';
import { runInForeground } from './command.mjs';
import { build } from './compile.mjs';
import { main, setUp } from './main.mjs';

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
