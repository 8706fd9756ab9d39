/** `npm run docs`: compiles, then writes the reference pages that are made from the sources. */
import { join } from 'node:path';
import { runInForeground } from '../infra/setup/command.mjs';
import { build } from '../infra/setup/compile.mjs';
import { main, setUp } from '../infra/setup/main.mjs';

await main(async () => {
  await setUp();
  return runInForeground([process.execPath, join(build, 'scripts', 'reference', 'main.js')]);
});
