/** Real bundles: the same bytes twice, and they compute where nothing else is: no Node, no network, no set-up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { generatedDir } from '../../../settings/paths.js';
import { isthmus } from '../../cli/isthmus.js';
import { startTestWorker } from '../../cli/test-worker.js';
import { cleanEnv } from '../../environment.js';
import { stackEnv } from '../../stack.js';
import { obstacle } from './empty-root.js';
import { computedHere, computedOffline, namesOwnFolders, unpackedAlone } from './unpacked-alone.js';

mkdirSync(join(generatedDir, 'test'), { recursive: true });
const folder = mkdtempSync(join(generatedDir, 'test', 'bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const noRoot = obstacle();

async function made(name: string, ...options: readonly string[]): Promise<string> {
  const output = join(folder, name);
  const { code, stderr } = await isthmus(cleanEnv(), 'bundle', '-o', output, ...options);
  if (code !== 0) throw new Error(stderr);
  return output;
}

/** Of the first test, for the second. */
let cpuRoot: string | null = null;

it('a CPU bundle has the same bytes twice, and alone computes what is computed here', async ({
  skip,
}) => {
  skip(noRoot !== null, noRoot ?? '');
  const options = ['--device', 'cpu', '--with-worker'];
  const [one, other] = [await made('one', ...options), await made('other', ...options)];
  expect(readdirSync(one)).toEqual(['bundle.json', 'install.py', 'isthmus-cpu.tar.xz']);
  for (const name of readdirSync(one)) {
    expect(readFileSync(join(other, name)).equals(readFileSync(join(one, name)))).toBe(true);
  }
  cpuRoot = unpackedAlone(one, folder);
  expect(computedOffline(cpuRoot, 'cpu')).toEqual(computedHere('cpu'));
  expect(namesOwnFolders(join(cpuRoot, 'bundle'))).toEqual([]);
}, 7_200_000);

it('its worker serves the task queues of a stack', async ({ skip }) => {
  if (cpuRoot === null) return skip('no bundle was unpacked');
  const control = await startTestWorker(new Map(), [], { queues: ['control'] });
  const program = join(cpuRoot, 'bundle/isthmus/.isthmus/build/worker/main.js');
  const worker = spawn(join(cpuRoot, 'bundle/bin/node'), [program, '--queues', 'gpu,cpu'], {
    env: stackEnv(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(worker, 'close');
  try {
    const { code, stderr } = await isthmus(stackEnv(), 'run', 'mnist-quick');
    if (code !== 0) throw new Error(stderr);
  } finally {
    worker.kill('SIGTERM');
    await ended;
    await control.stop();
  }
  expect(worker.exitCode).toBe(0);
}, 1_800_000);

it('a GPU bundle of one architecture is below 180 MB, and alone computes on the CPU', async ({
  skip,
}) => {
  skip(noRoot !== null, noRoot ?? '');
  const installed = existsSync(join(generatedDir, 'tools/tensorflow-gpu'));
  skip(!installed, 'TensorFlow for GPUs is not installed: ISTHMUS_DEVICE=gpu npm run setup');
  const options = ['--device', 'gpu', '--arch', 'sm_90', '--split', '57M'];
  const bundle = await made('gpu', ...options);
  const { archive } = JSON.parse(readFileSync(join(bundle, 'bundle.json'), 'utf8')) as {
    archive: { size: number };
  };
  expect(archive.size).toBeLessThan(180e6);
  expect(computedOffline(unpackedAlone(bundle, folder), 'gpu')).toEqual(computedHere('gpu'));
}, 7_200_000);
