/** Temporal's development server with its UI, on a database file that survives restarts. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { searchAttributes } from '../../experiment/records/temporal-names.js';
import { toolsDir } from '../../settings/paths.js';
import { serverEnvironment, type Command, type Health, type Part, type Stack } from './part.js';
import { makePrivateFolder } from '../../settings/local/secrets.js';

export const temporalBinary = join(toolsDir, 'temporal/bin/temporal');
const run = promisify(execFile);

/**
 * Experiments of one priority take turns by their fairness keys, and what a former server left in a queue is served too.
 * One partition a queue: the order holds within each alone.
 */
export const matchingOptions: readonly string[] = [
  'matching.enableFairness=true',
  'matching.enableMigration=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
].flatMap((option) => ['--dynamic-config-value', option]);

function folder(home: string): string {
  return join(home, 'temporal');
}

function address({ ports }: Stack): string {
  return `127.0.0.1:${ports.temporal}`;
}

async function prepare({ home }: Stack): Promise<void> {
  makePrivateFolder(folder(home));
}

async function command({ home, ports }: Stack): Promise<Command> {
  const cwd = folder(home);
  const listen = ['--ip', '127.0.0.1', '--ui-ip', '127.0.0.1', '--port', `${ports.temporal}`];
  const side = [
    '--http-port',
    `${ports.temporalHttp}`,
    '--metrics-port',
    `${ports.temporalMetrics}`,
  ];
  const ui = ['--ui-port', `${ports.temporalUi}`, '--ui-disable-news-fetch'];
  const storage = ['--db-filename', join(cwd, 'temporal.db'), '--log-level', 'warn'];
  const search = Object.entries(searchAttributes).flatMap(([attribute, type]) => [
    '--search-attribute',
    `${attribute}=${type}`,
  ]);
  return {
    file: temporalBinary,
    args: [
      'server',
      'start-dev',
      ...listen,
      ...side,
      ...ui,
      ...storage,
      ...search,
      ...matchingOptions,
    ],
    cwd,
    env: serverEnvironment(home),
  };
}

async function health(stack: Stack): Promise<Health> {
  const { home, ports } = stack;
  try {
    const args = ['operator', 'cluster', 'health', '--address', address(stack)];
    const { stdout } = await run(temporalBinary, args, {
      env: { ...serverEnvironment(home) },
      timeout: 10_000,
    });
    if (!stdout.includes('SERVING')) return { state: 'unhealthy', detail: stdout.trim() };
    const ui = await fetch(`http://127.0.0.1:${ports.temporalUi}/`);
    await ui.body?.cancel();
    if (!ui.ok) return { state: 'unhealthy', detail: `its UI answers ${ui.status}` };
    return { state: 'up', detail: `UI http://127.0.0.1:${ports.temporalUi}` };
  } catch {
    return { state: 'unhealthy', detail: `no answer on ${address(stack)} or from its UI` };
  }
}

export const temporal: Part = {
  name: 'temporal',
  title: 'Temporal',
  publicPorts: [
    { name: 'temporal', title: 'Temporal', variable: 'ISTHMUS_TEMPORAL_PORT' },
    { name: 'temporalUi', title: 'the Temporal UI', variable: 'ISTHMUS_TEMPORAL_UI_PORT' },
  ],
  privatePorts: ['temporalHttp', 'temporalMetrics'],
  stopSignal: 'SIGTERM',
  stopTimeoutMs: 10_000,
  startTimeoutMs: 60_000,
  address,
  command,
  prepare,
  health,
};
