/** The worker of the local stack: ready once it polls, restarted when it was built anew or its settings changed. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../experiment/errors.js';
import { generatedDir, readyPath, repositoryRoot } from '../../settings/paths.js';
import { loadSettings } from '../../settings/settings.js';
import type { Environment } from '../../settings/variables.js';
import type { Command, Health, Part, Stack } from './part.js';

/** Beyond the end that a worker sets itself. */
const stopMarginMs = 2000;
const program = join(generatedDir, 'build/worker/main.js');
const readySchema = z.object({ pid: z.int() });

/** Changes with every rebuild. */
function buildStamp(): string {
  const path = join(generatedDir, 'setup.json');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function workerEnvironment({ home, env }: Stack): Environment {
  return { ...env, ISTHMUS_HOME: home };
}

async function prepare({ home }: Stack): Promise<void> {
  if (!existsSync(program)) {
    throw new UserError('failed', `the worker is not built: no ${program}`, {
      hint: 'npm run setup',
    });
  }
  rmSync(readyPath(home), { force: true });
}

/** Environment variables that third-party clients in the worker read. */
function inherited(env: Environment): readonly (readonly [string, string | undefined])[] {
  const named = /^(AWS_|PGPASSFILE$|NODE_EXTRA_CA_CERTS$)|_proxy$/;
  return Object.entries(env).filter(([name]) => named.test(name));
}

async function command(stack: Stack): Promise<Command> {
  const env = workerEnvironment(stack);
  const settings = loadSettings(env);
  const inputs = JSON.stringify([settings, inherited(env)]);
  const revision = createHash('sha256').update(inputs + buildStamp());
  return {
    file: process.execPath,
    args: ['--enable-source-maps', program],
    cwd: repositoryRoot,
    env,
    revision: revision.digest('hex'),
    stopTimeoutMs: settings.stopBudgetMs + stopMarginMs,
  };
}

function readyPid(home: string): number | undefined {
  const path = readyPath(home);
  if (!existsSync(path)) return undefined;
  try {
    return readySchema.parse(JSON.parse(readFileSync(path, 'utf8'))).pid;
  } catch {
    return undefined; // being written
  }
}

async function health(stack: Stack, pid: number): Promise<Health> {
  if (readyPid(stack.home) === pid) return { state: 'up', detail: 'polling its queues' };
  return { state: 'unhealthy', detail: 'it does not poll its queues' };
}

export const worker: Part = {
  name: 'worker',
  title: 'Worker',
  publicPorts: [],
  privatePorts: [],
  stopSignal: 'SIGTERM',
  stopTimeoutMs: 20_000,
  startTimeoutMs: 90_000,
  address: () => undefined,
  command,
  prepare,
  health,
};
