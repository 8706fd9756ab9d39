/** Chooses the ports of a stack: as configured, else as used before, else the default or a free one. */
import { createServer } from 'node:net';
import { UserError } from '../../experiment/errors.js';
import type { Variables } from '../../settings/variables.js';
import type { PublicPort } from './part.js';
import { portNames, type PortName, type StackPorts } from '../../settings/local/stack-file.js';

const defaults: Partial<Record<PortName, number>> = {
  temporal: 7233,
  temporalUi: 8233,
  postgres: 5433,
  s3: 8333,
};

/** Below the range from which the kernel takes ports for outgoing connections. */
const firstPort = 20_000;
const lastPort = 32_000;
/** Processes that pick at the same moment start from different places. */
let cursor = firstPort + ((process.pid * 16) % (lastPort - firstPort));

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

async function pickFree(used: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < lastPort - firstPort; tries += 1) {
    cursor = cursor >= lastPort ? firstPort : cursor + 1;
    if (!used.has(cursor) && (await isFree(cursor))) return cursor;
  }
  throw new UserError('failed', `no free port between ${firstPort} and ${lastPort}`);
}

function wishes(variables: Variables): Partial<Record<PortName, number>> {
  const {
    ISTHMUS_TEMPORAL_PORT: temporal,
    ISTHMUS_TEMPORAL_UI_PORT: temporalUi,
    ISTHMUS_POSTGRES_PORT: postgres,
    ISTHMUS_S3_PORT: s3,
  } = variables;
  return { temporal, temporalUi, postgres, s3 };
}

/** A number to use, or undefined for any free one. */
function settled(name: PortName, wish: number | undefined, before: number | undefined) {
  if (wish !== undefined && wish !== 0) return wish;
  if (before !== undefined) return before;
  return wish === 0 ? undefined : defaults[name];
}

/** `mayMove` names the private ports of parts that do not run: those follow when another program has taken them. */
export async function choosePorts(
  variables: Variables,
  before: StackPorts | undefined,
  mayMove: ReadonlySet<PortName>,
): Promise<StackPorts> {
  const wished = wishes(variables);
  const chosen: Partial<Record<PortName, number>> = {};
  const used = new Set<number>(Object.values(before ?? {}));
  for (const name of portNames) {
    const port = settled(name, wished[name], before?.[name]);
    const usable = port !== undefined && (!mayMove.has(name) || (await isFree(port)));
    chosen[name] = usable ? port : await pickFree(used);
    used.add(chosen[name]);
  }
  return chosen as StackPorts;
}

/** Every taken port that is about to be opened, each with the variable that moves it. */
export async function refuseTakenPorts(wanted: readonly PublicPort[], ports: StackPorts) {
  const taken: PublicPort[] = [];
  for (const port of wanted) if (!(await isFree(ports[port.name]))) taken.push(port);
  if (taken.length === 0) return;
  const lines = taken.map(
    ({ name, title, variable }) =>
      `port ${ports[name]} for ${title} is taken by another program (set ${variable})`,
  );
  throw new UserError('failed', lines.join('; '), {
    hint: `${taken[0]?.variable}=0 ./isthmus up takes any free port`,
  });
}
