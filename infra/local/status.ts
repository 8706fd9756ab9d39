/** Status of the parts of a local stack: running, and answering. */
import { existsSync } from 'node:fs';
import { homeFolder } from '../../settings/settings.js';
import { readVariables, type Environment } from '../../settings/variables.js';
import { findDaemon } from './daemon.js';
import type { Part, PartName, Stack } from './part.js';
import { externalParts, parts } from './parts.js';
import { readSecrets, secretsPath } from '../../settings/local/secrets.js';
import { readStackPorts } from '../../settings/local/stack-file.js';

export interface PartStatus {
  readonly name: PartName;
  readonly title: string;
  readonly state: 'up' | 'down' | 'unhealthy' | 'external';
  readonly pid: number | undefined;
  readonly address: string | undefined;
  readonly detail: string;
}

export interface StackStatus {
  readonly home: string;
  /** Undefined where no stack was ever started, or Temporal is elsewhere. */
  readonly uiUrl: string | undefined;
  readonly parts: readonly PartStatus[];
}

/** Undefined where no stack was ever started in this home. */
function findStack(env: Environment): Stack | undefined {
  const home = homeFolder(readVariables(env));
  const ports = readStackPorts(home);
  if (ports === undefined || !existsSync(secretsPath(home))) return undefined;
  return { home, ports, secrets: readSecrets(home), env };
}

async function partStatus(part: Part, stack: Stack | undefined): Promise<PartStatus> {
  const { name, title } = part;
  const running = stack === undefined ? undefined : findDaemon(stack.home, name);
  if (stack === undefined || running === undefined) {
    return {
      name,
      title,
      state: 'down',
      pid: undefined,
      address: undefined,
      detail: 'not running',
    };
  }
  const health = await part.health(stack, running.pid);
  return { name, title, pid: running.pid, address: part.address(stack), ...health };
}

export async function status(env: Environment): Promise<StackStatus> {
  const variables = readVariables(env);
  const external = externalParts(variables);
  const stack = findStack(env);
  const states = parts.map(async (part): Promise<PartStatus> => {
    const variable = external.get(part.name);
    if (variable === undefined) return partStatus(part, stack);
    const { name, title } = part;
    const detail = `elsewhere, named by ${variable}`;
    return { name, title, state: 'external', pid: undefined, address: undefined, detail };
  });
  const uiUrl =
    stack === undefined || external.has('temporal')
      ? undefined
      : `http://127.0.0.1:${stack.ports.temporalUi}`;
  return { home: homeFolder(variables), uiUrl, parts: await Promise.all(states) };
}
