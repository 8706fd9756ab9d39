/** Whether an engine may compute with what it has found. */
import { hostname } from 'node:os';
import { FailedRunError } from '../failures.js';
import { UserError } from '../../experiment/errors.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import { productPrecision } from '../../experiment/plan/product-precision.js';
import type { Environment } from '../../experiment/records/records.js';

interface DeviceChoice {
  readonly device: 'cpu' | 'gpu';
  readonly fallback?: 'cpu' | undefined;
}

/** The library itself computes on the CPU, many times slower and to other bits, where it finds no GPU. */
export function refuseWithoutGpu({ device, fallback }: DeviceChoice, usesGpu: boolean): void {
  if (device === 'cpu' || usesGpu || fallback === 'cpu') return;
  const message =
    'ISTHMUS_DEVICE is gpu, but TensorFlow finds no GPU: ./isthmus doctor --device gpu says why, ISTHMUS_DEVICE_FALLBACK=cpu lets engines compute on the CPU';
  throw new UserError('failed', message);
}

/** Engines are started for the precision of their runs; a CPU has no TF32. */
export function refuseOtherPrecision(spec: RunSpec, name: string, environment: Environment): void {
  const wanted = productPrecision(spec);
  if (wanted === 'tf32' && environment.gpu === undefined) {
    const message = `${name}: precision tf32 needs a GPU, and the engines of the worker on ${hostname()} compute on the CPU: start one with ISTHMUS_DEVICE=gpu, or set precision: float32`;
    throw new FailedRunError({ type: 'bad-input', message });
  }
  const allowed = environment.gpu?.switches['NVIDIA_TF32_OVERRIDE'] === '0' ? 'float32' : 'tf32';
  if (environment.gpu === undefined || allowed === wanted) return;
  throw new Error(`${name} wants products in ${wanted}, and this engine computes in ${allowed}`);
}
