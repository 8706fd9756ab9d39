/** `npm start`: sets up, starts the local stack, runs the smallest experiment, and says what is left running. */
import { join } from 'node:path';
import { environmentWith, runInForeground } from './command.mjs';
import { main, setUp } from './main.mjs';
import { generated, root } from './paths.mjs';
import { say } from './progress.mjs';

const isthmus = join(root, 'isthmus');
const report = join(generated, 'reports', 'mnist-quick.html');

await main(async () => {
  await setUp();
  const env = environmentWith(process.execPath);
  const up = await runInForeground([isthmus, 'up'], env);
  if (up !== 0) return up;
  const run = await runInForeground([isthmus, 'run', 'mnist-quick', '--report', report], env);
  say('');
  say('The stack is left running, with the Temporal UI at the address above.');
  say('./isthmus doctor checks it, ./isthmus down stops it and keeps the data.');
  return run;
});
