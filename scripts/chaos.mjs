/** `npm run chaos -- [--minutes M] [--seed S] [--only TEXT]`: sets up, then runs seeded faults against a stack of its own. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runInForeground } from '../infra/setup/command.mjs';
import { main, setUp } from '../infra/setup/main.mjs';
import { modules, root } from '../infra/setup/paths.mjs';

function whole(text, option) {
  if (/^\d+$/.test(text)) return text;
  throw new Error(`--${option} ${text}: a whole number is needed`);
}

await main(async () => {
  const options = {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
  };
  const { minutes = '10', seed = '1', only = '' } = parseArgs({ options }).values;
  process.env.CHAOS_MINUTES = whole(minutes, 'minutes');
  process.env.CHAOS_SEED = whole(seed, 'seed');
  process.env.CHAOS_ONLY = only;
  await setUp();
  const config = join(root, 'test', 'chaos', 'vitest.config.ts');
  const vitest = join(modules, 'vitest', 'vitest.mjs');
  return runInForeground([process.execPath, vitest, 'run', '-c', config]);
});
