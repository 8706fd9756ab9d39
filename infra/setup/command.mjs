/** Runs a program with its output in a log file, and turns its failure into one line that names the log. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { generated, root } from './paths.mjs';
import { SetUpError } from './progress.mjs';

export class CommandError extends SetUpError {
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
}

/** `name` is the step's, for its log; `what` begins the message when it fails. */
export async function runCommand(name, what, [file, ...args], options = {}) {
  mkdirSync(join(generated, 'logs'), { recursive: true });
  const path = join(generated, 'logs', `setup-${name}.log`);
  const log = openSync(path, 'w');
  try {
    const child = spawn(file, args, { cwd: root, stdio: ['ignore', log, log], ...options });
    const outcome = await ended(child);
    const output = readFileSync(path, 'utf8');
    if (outcome !== 0) throw failure(what, path, output);
    return output;
  } finally {
    closeSync(log);
  }
}

function failure(what, path, output) {
  const lines = output.trim().split('\n');
  const telling = lines.filter((line) => /error/i.test(line)).at(-1) ?? lines.at(-1) ?? '';
  return new CommandError(`${what}: ${telling.trim()} (all of it in ${path})`, output);
}

/** Output of a program, or undefined where it is missing or fails. */
export function programOutput(file, args) {
  const { status, stdout } = spawnSync(file, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** For programs that take `node` from PATH, such as npm and ./isthmus. */
export function environmentWith(node) {
  return { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
}

/** For programs that talk to the person themselves. */
export async function runInForeground([file, ...args], env = process.env) {
  const outcome = await ended(spawn(file, args, { cwd: root, stdio: 'inherit', env }));
  return typeof outcome === 'number' ? outcome : 1;
}
