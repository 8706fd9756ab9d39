import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../eventually.js';
import { homeFolder, loadSettings } from '../../settings/settings.js';
import { readyPath } from '../../settings/paths.js';
import { createScratchDatabase } from '../../prisma/scratch-database.js';
import { residentBytes } from '../../worker/resident-size.js';
import { compiled } from '../compiled.js';
import { stackEnv } from '../stack.js';

const program = compiled('worker/main.ts');
let worker: ChildProcess | undefined;

afterEach(() => void worker?.kill('SIGKILL'));

interface Ended {
  readonly code: number | null;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

function start(args: readonly string[], env = stackEnv()): { readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--enable-source-maps', program, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  worker = child;
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    lines: text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  }));
  return { ended };
}

const readyFile = () => readyPath(homeFolder(stackEnv()));

test('a worker tells when it polls, stays small, and leaves nothing behind on SIGTERM', async () => {
  const { ended } = start(['--queues', 'control,cpu']);
  await eventually(() => existsSync(readyFile())).toBe(true);
  expect(JSON.parse(readFileSync(readyFile(), 'utf8'))).toEqual({ pid: worker!.pid });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(residentBytes(worker!.pid!)).toBeLessThan(350 * 2 ** 20);
  worker!.kill('SIGTERM');
  const { code, lines } = await ended;
  expect(code).toBe(0);
  expect(lines.map(({ msg }) => msg)).toContain('stopped');
  expect(existsSync(readyFile())).toBe(false);
});

test('an unknown queue is refused with the known ones', async () => {
  const { code, lines } = await start(['--queues', 'tpu']).ended;
  expect(code).toBe(2);
  expect(lines).toMatchObject([{ msg: '--queues: "tpu" is none of control, gpu, cpu' }]);
});

test('a worker without a stack says so and what to do', async () => {
  const env = { ...stackEnv(), ISTHMUS_HOME: '/nonexistent/isthmus' };
  const { code, lines } = await start([], env).ended;
  expect(code).toBe(5);
  expect(lines[0]!['msg']).toBe('no local stack in /nonexistent/isthmus; ./isthmus up');
});

test('a folder of graphs that cannot be made stops a worker, by the name of its variable', async () => {
  const env = { ...stackEnv(), ISTHMUS_GRAPH_DIR: '/dev/null/graphs' };
  const { code, lines } = await start(['--queues', 'gpu'], env).ended;
  expect(code).toBe(2);
  expect(lines.at(-1)!['msg']).toMatch(/^ISTHMUS_GRAPH_DIR: ENOTDIR/);
});

test('a worker on a database without tables ends and names the command that makes them', async () => {
  const scratch = await createScratchDatabase(loadSettings(stackEnv()).databaseUrl);
  try {
    const { code, lines } = await start([], { ...stackEnv(), DATABASE_URL: scratch.url }).ended;
    expect(code).toBe(5);
    expect(lines.at(-1)!['msg']).toMatch(/it has no tables of Isthmus yet; \.\/isthmus migrate/);
  } finally {
    await scratch.drop();
  }
});
