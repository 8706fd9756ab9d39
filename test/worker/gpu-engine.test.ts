// Engines for the GPU through their real code on a machine without one: what they refuse, and what they tell.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineJob } from '../../experiment/records/records.js';
import { gpuEnvironment } from '../../engine/native-environment.js';
import { loadSettings, type Settings } from '../../settings/settings.js';
import { engineEnvironment } from '../../worker/engine-environment.js';
import { createEngineLog, type EngineLog } from '../../worker/engine-log.js';
import { startEngine, type EngineProcess } from '../../worker/engine-process.js';
import type { EngineMode } from '../../worker/engine-slot.js';
import { compiled } from '../compiled.js';
import { withPretendedGpu } from '../pretend-gpu/environment.js';
import { stackEnv } from '../stack.js';
import { jobNamed, listener } from './jobs.js';

let home: string;
let log: EngineLog;
let engine: EngineProcess | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'isthmus-gpu-engine-'));
  log = createEngineLog(join(home, 'engine.log'));
});
afterEach(async () => {
  await engine?.stop();
  log.close();
  rmSync(home, { recursive: true });
});

interface Choices {
  readonly gpu?: string;
  readonly device?: Settings['device'];
  readonly fallback?: 'cpu';
  readonly precision?: EngineMode['precision'];
}

function start(choices: Choices): EngineProcess {
  const { gpu: model, device = 'gpu', fallback, precision = 'float32' } = choices;
  const gpu = { visible: device === 'gpu' ? ['0'] : [], memoryMb: undefined, fallback };
  const settings = { ...loadSettings(stackEnv()), home, device, gpu };
  const surroundings = withPretendedGpu(process.env, model);
  engine = startEngine({
    ...{ script: compiled('engine/process/main.ts'), log, readyTimeoutMs: 60_000, graceMs: 1000 },
    env: engineEnvironment(settings, surroundings, { slot: 0, threads: 1, precision }),
  });
  return engine;
}

async function failureOf(started: EngineProcess, job: EngineJob) {
  const environment = await started.ready;
  if (environment === null) throw new Error((await started.ended).message);
  const { signal } = new AbortController();
  return started.execute(job, environment, listener(), signal);
}

function tf32Job(): EngineJob {
  const job = jobNamed('endpoint/A');
  return { ...job, run: { ...job.run, spec: { ...job.run.spec, precision: 'tf32' } as never } };
}

const noGpu = 'engine: ISTHMUS_DEVICE is gpu, but TensorFlow finds no GPU';

test('an engine for the GPU that finds none ends, and says what to do', async () => {
  const { ready, ended } = start({});
  expect(await ready).toBeNull();
  const { message } = await ended;
  expect(message).toContain(noGpu);
  expect(message).toContain('./isthmus doctor --device gpu');
  expect(message).toContain('ISTHMUS_DEVICE_FALLBACK=cpu');
});

test('it computes on the CPU where that was allowed, and tells it', async () => {
  const environment = await start({ fallback: 'cpu' }).ready;
  expect(environment).toMatchObject({ device: 'cpu' });
  expect(environment).not.toHaveProperty('gpu');
});

test('a worker whose engines find no GPU ends before it takes a run', async () => {
  const env = { ...withPretendedGpu(stackEnv()), ISTHMUS_DEVICE: 'gpu' };
  const child = spawn(process.execPath, [compiled('worker/main.ts'), '--queues', 'gpu'], {
    ...{ env, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  const late = setTimeout(() => child.kill('SIGKILL'), 45_000);
  const lines = (await text(child.stdout)).trim().split('\n');
  clearTimeout(late);
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(1);
  const told = lines.map((line) => JSON.parse(line) as { readonly msg: string });
  expect(told.at(-1)!.msg).toContain(noGpu);
  expect(told.map(({ msg }) => msg)).not.toContain('polling');
});

test('an engine with a GPU tells its card, driver and switches', async () => {
  const environment = await start({ gpu: 'NVIDIA H200' }).ready;
  expect(environment).toMatchObject({
    device: 'gpu',
    gpu: {
      card: {
        name: 'NVIDIA H200',
        uuid: 'GPU-4b7e5e4e-9a51-0f0b-1f2a-8f3b9d1c2e3f',
        mig: null,
        driver: '580.95.05',
        memoryMb: 143771,
      },
      libraries: {},
    },
  });
  const { switches } = environment!.gpu!;
  const expected = gpuEnvironment({ precision: 'float32' });
  expect(switches).toEqual({ ...expected, CUDA_DEVICE_ORDER: 'PCI_BUS_ID' });
});

test.each<Choices>([{ device: 'cpu' }, { fallback: 'cpu' }])(
  'a tf32 run is refused by an engine that computes on the CPU: %j',
  async (choices) => {
    const outcome = await failureOf(start({ ...choices, precision: 'tf32' }), tf32Job());
    expect(outcome).toMatchObject({ type: 'failed', failure: { type: 'bad-input' } });
    expect(JSON.stringify(outcome)).toMatch(
      /endpoint\/A: precision tf32 needs a GPU, .* on \S+ compute on the CPU: start one with ISTHMUS_DEVICE=gpu/,
    );
  },
);

test('a GPU engine refuses runs of the other precision: its process computes in one', async () => {
  const float32 = await failureOf(start({ gpu: 'NVIDIA H200' }), tf32Job());
  expect(JSON.stringify(float32)).toContain('wants products in tf32, and this engine computes in');
  await engine!.stop();
  const tf32 = start({ gpu: 'NVIDIA H200', precision: 'tf32' });
  expect(JSON.stringify(await failureOf(tf32, jobNamed('endpoint/A')))).toContain(
    'wants products in float32',
  );
});
