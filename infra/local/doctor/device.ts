/** `doctor --device`: whether engines can compute on a device, by loading its libraries and computing. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { generatedDir } from '../../../settings/paths.js';
import type { Device } from '../../../settings/settings.js';
import { readVariables, type Environment } from '../../../settings/variables.js';
import { failed, passed, type Check } from './check.js';
import { engineLibrary } from './installation.js';

const script = join(generatedDir, 'build/engine/check/main.js');
const page = 'docs/getting-started/installation.md';
const libraryHint = `put the folders of the missing libraries into LD_LIBRARY_PATH: ${page}`;
const driverHint = `install the NVIDIA driver, or let the container see it: ${page}`;

/** zod's own number refuses infinity. */
const number = z.number().or(z.literal(Infinity));
const computed = z.object({
  tensorflow: z.string(),
  gpu: z
    .object({
      card: z
        .object({ name: z.string(), driver: z.string(), memoryMb: z.number().nullable() })
        .nullable(),
      libraries: z.record(z.string(), z.string()),
    })
    .nullable(),
  operations: z.array(
    z.object({ name: z.string(), error: number, tolerance: z.number(), ok: z.boolean() }),
  ),
});
const reportSchema = z.object({
  visible: z.array(z.string()),
  libraries: z.array(
    z.object({ name: z.string(), optional: z.boolean(), error: z.string().nullable() }),
  ),
  computed: z.union([computed, z.object({ failure: z.string() })]),
});
export type DeviceReport = z.infer<typeof reportSchema>;
type Computed = z.infer<typeof computed>;

/** Needs no stack. */
export async function examineDevice(env: Environment, device: Device): Promise<readonly Check[]> {
  readVariables(env);
  const [library, report] = await Promise.all([engineLibrary(device), askEngine(env, device)]);
  if (typeof report === 'string') return [library, failed('check of the device', report)];
  return [library, ...deviceChecks(device, report)];
}

export function deviceChecks(device: Device, report: DeviceReport): readonly Check[] {
  return [
    ...(device === 'gpu' ? [visibleCheck(report)] : []),
    ...report.libraries.map(libraryCheck),
    ...computedChecks(device, report.computed),
  ];
}

/** Its report, or its last words. */
function askEngine(env: Environment, device: Device): Promise<DeviceReport | string> {
  const child = fork(script, [device], {
    env: { ...env },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let [report, said]: [DeviceReport | undefined, string] = [undefined, ''];
  child.stderr?.on('data', (data: Buffer) => (said += String(data)));
  child.on('message', (message) => void (report = reportSchema.parse(message)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(report ?? said.trim().split('\n').at(-1) ?? ''));
  });
}

function visibleCheck({ visible }: DeviceReport): Check {
  const name = 'visible GPUs';
  if (visible.length > 0) return passed(name, visible.join(', '));
  return failed(name, 'none', 'name GPUs in CUDA_VISIBLE_DEVICES, or leave it out');
}

function libraryCheck({ name, optional, error }: DeviceReport['libraries'][number]): Check {
  if (error === null) return passed(name, 'loads');
  if (optional) return passed(name, `optional: ${error}`);
  return failed(name, error, name.startsWith('libcuda.') ? driverHint : libraryHint);
}

function computedChecks(device: Device, result: DeviceReport['computed']): readonly Check[] {
  const name = `computing on the ${device === 'gpu' ? 'GPU' : 'CPU'}`;
  if ('failure' in result) return [failed(name, result.failure)];
  return [passed(name, computerText(result)), ...operationChecks(result.operations)];
}

function computerText({ tensorflow, gpu }: Computed): string {
  if (gpu === null) return `TensorFlow ${tensorflow}, on the CPU`;
  const { card, libraries } = gpu;
  const own =
    card === null ? 'unnamed' : `${card.name}, driver ${card.driver}, ${memoryText(card)}`;
  const versions = Object.entries(libraries).map(([name, version]) => `${name} ${version}`);
  return [`TensorFlow ${tensorflow}`, own, ...versions].join(', ');
}

function memoryText({ memoryMb }: { readonly memoryMb: number | null }): string {
  return memoryMb === null ? 'memory shared with the machine' : `${memoryMb} MB`;
}

/** Only the first that differs is looked into: what follows is often made of it. */
function operationChecks(operations: Computed['operations']): readonly Check[] {
  const first = operations.find(({ ok }) => !ok);
  return operations.map(({ name, error, tolerance, ok }) => {
    const detail = `largest relative error ${error.toExponential(1)}`;
    if (ok) return passed(name, detail);
    const hint =
      name === first?.name ? `${name} is the first operation that differs: ${page}` : undefined;
    return failed(name, `${detail}, more than ${tolerance}`, hint);
  });
}
