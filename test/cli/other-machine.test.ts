/** A run that more than one machine has computed: `status` and `verify-resume` tell why its bytes may be no one's. */
import { expect, it } from 'vitest';
import { runStatus } from '../../cli/status/run-status.js';
import { compareWithStored } from '../../cli/resume/resume-verdict.js';
import type { Environment } from '../../experiment/records/records.js';
import type { RunRow } from '../../stores/results/results-store.js';
import { machineText } from '../../experiment/records/machine.js';
import { environment, quickPlan, recorded } from '../report/experiment.js';

const gpu = {
  card: {
    ...{ name: 'NVIDIA H200', uuid: 'GPU-1', mig: null },
    ...{ driver: '580.95.05', memoryMb: 143771 },
  },
  libraries: { libcudnn: '9.19.0.56', libcublas: '12.9.1.4' },
  switches: { TF_DETERMINISTIC_OPS: '1' },
};
const onGpu: Environment = { ...environment, device: 'gpu', gpu };
const around = {
  ...{ experiment: 'e', live: false, steps: new Map(), idle: new Set<never>(), stale: new Map() },
};
const digest = (letter: string) => ({ weights: { digest: letter.repeat(64), bytes: 4 } });

async function rowOf(own: Environment): Promise<RunRow> {
  const [row] = await recorded(quickPlan()).store.runsOf();
  return { ...row!, outputs: digest('a'), environment: own };
}

async function what(stored: Environment, now: Environment, outputs = digest('b')): Promise<string> {
  const moment = { share: 0.5, signal: 'SIGTERM' } as const;
  const result = {
    ...{ run: 'r', total: 10, interruptedAt: 5, resumedAt: 5, outputs },
    ...{ machine: machineText(now), failure: null, metrics: [] },
  };
  return compareWithStored(await rowOf(stored), [], moment, result).what;
}

it('a machine is its CPU and threads, and of a GPU the model, the driver and the libraries', () => {
  expect(machineText(environment)).toBe('a processor, cpu, 2 threads, TensorFlow 2.9.1');
  expect(machineText(onGpu)).toBe(
    'a processor, gpu, 2 threads, TensorFlow 2.9.1, NVIDIA H200, driver 580.95.05, libcublas 12.9.1.4, libcudnn 9.19.0.56',
  );
  const mig = { profile: '1g.18gb', uuid: 'MIG-1' };
  const part = { ...onGpu, gpu: { ...gpu, card: { ...gpu.card, mig } } };
  expect(machineText(part)).toContain('NVIDIA H200 MIG 1g.18gb, driver');
  const another = { ...onGpu, gpu: { ...gpu, card: { ...gpu.card, uuid: 'GPU-2' } } };
  expect(machineText(another)).toBe(machineText(onGpu));
  expect(machineText({ ...onGpu, gpu: { ...gpu, card: null } })).toContain('did not name');
});

it('status tells it of a run that is done', async () => {
  expect(runStatus(await rowOf(onGpu), around)).toEqual({ state: 'done', why: '' });
  const mixed = await rowOf({ ...onGpu, otherMachine: 'saved on A; this is B' });
  expect(runStatus(mixed, around)).toEqual({
    state: 'done',
    why: 'computed on several machines: saved on A; this is B',
  });
});

it('verify-resume tells it of a run that comes out otherwise, and only then', async () => {
  expect(await what(onGpu, onGpu)).toBe('weights');
  expect(await what({ ...onGpu, otherMachine: 'saved on A; this is B' }, onGpu)).toBe(
    'weights, which several machines had computed: saved on A; this is B',
  );
  expect(await what(environment, onGpu)).toMatch(
    /^weights, which a processor, cpu, .* had computed; this is a processor, gpu, .*H200/,
  );
  expect(await what(environment, onGpu, digest('a'))).toBe('the same');
});
