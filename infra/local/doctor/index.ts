/** `doctor`: checks every part of a deployment by using it, and says how to fix failures. */
import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../experiment/errors.js';
import {
  chosenDevice,
  homeFolder,
  loadEngineLayout,
  loadSettings,
} from '../../../settings/settings.js';
import { readVariables, type Environment } from '../../../settings/variables.js';
import { externalParts, parts } from '../parts.js';
import { isFree } from '../ports.js';
import { exposure } from '../../../settings/local/secrets.js';
import { readStackPorts } from '../../../settings/local/stack-file.js';
import { status, type PartStatus } from '../status.js';
import { check, failed, passed, remedy, type Check } from './check.js';
import { checkInstallation } from './installation.js';
import { checkServices } from './services.js';

export { isOutage, type Check } from './check.js';

const upHint = remedy(undefined);
const enoughBytes = 2e9;

function disk(home: string): Promise<Check> {
  return check('free disk', 'free some space', async () => {
    const { bavail, bsize } = statfsSync(home);
    const detail = `${((bavail * bsize) / 1e9).toFixed(1)} GB in ${home}`;
    return bavail * bsize >= enoughBytes ? detail : failed('free disk', detail, 'free some space');
  });
}

function privateFiles(home: string): readonly Promise<Check>[] {
  const names = ['secrets.json', 's3/s3.json', 's3/security.toml'];
  const paths = names.map((name) => join(home, name)).filter((path) => existsSync(path));
  return paths.map((path) =>
    check('private file', `chmod 600 ${path}`, async () => {
      const exposed = exposure(path);
      if (exposed === undefined) return path;
      return failed('private file', `${path}: ${exposed}`, `chmod 600 ${path}`);
    }),
  );
}

function engines(env: Environment): Promise<Check> {
  return check('engines of a worker', 'see docs/reference/environment-variables.md', async () => {
    const { slots, threads } = loadEngineLayout(env);
    const sizes = `threads each: ${threads.small} for small networks, ${threads.large} for large ones`;
    return `${slots} at once, ${sizes}`;
  });
}

function partCheck({ title, state, pid, address, detail }: PartStatus): Check {
  if (state === 'external') return passed(title, detail);
  const place = [address, pid === undefined ? undefined : `process ${pid}`];
  const full = [...place.filter((text) => text !== undefined), detail].join(', ');
  return state === 'up' ? passed(title, full) : failed(title, full, upHint);
}

/** For parts that do not run: whether another program sits on their ports. */
async function takenPorts(home: string, states: readonly PartStatus[]): Promise<readonly Check[]> {
  const ports = readStackPorts(home);
  if (ports === undefined) return [];
  const down = new Set(states.filter(({ state }) => state === 'down').map(({ name }) => name));
  const wanted = parts.filter(({ name }) => down.has(name)).flatMap((part) => part.publicPorts);
  const checks = wanted.map(async ({ name, title, variable }): Promise<readonly Check[]> => {
    if (await isFree(ports[name])) return [];
    const detail = `port ${ports[name]} is taken by another program`;
    return [failed(`port for ${title}`, detail, `set ${variable} to another, then ./isthmus up`)];
  });
  return (await Promise.all(checks)).flat();
}

/** Without a stack there is nothing to use: its parts are told as down. */
function services(env: Environment, states: readonly PartStatus[]): Promise<readonly Check[]> {
  const usable = states.filter(({ state }) => state === 'up' || state === 'external');
  try {
    const names = new Set(usable.map(({ name }) => name));
    return Promise.all(checkServices(loadSettings(env), names, externalParts(readVariables(env))));
  } catch (error) {
    if (error instanceof UserError && error.kind === 'dependency-down') return Promise.resolve([]);
    throw error;
  }
}

async function localStack(env: Environment, home: string): Promise<readonly Check[]> {
  try {
    const { parts: states } = await status(env);
    const [ports, used] = await Promise.all([takenPorts(home, states), services(env, states)]);
    return [...states.map(partCheck), ...ports, ...used];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [failed('local stack', error.message, error.hint)];
  }
}

export async function doctor(env: Environment): Promise<readonly Check[]> {
  const variables = readVariables(env);
  const home = homeFolder(variables);
  const groups = await Promise.all([
    Promise.all(checkInstallation(chosenDevice(variables))),
    Promise.all([engines(env)]),
    localStack(env, home),
    Promise.all(existsSync(home) ? [disk(home), ...privateFiles(home)] : []),
  ]);
  return groups.flat();
}
