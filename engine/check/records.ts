/** Records that travel between the processes that check a device. */
import type { GpuEnvironment } from '../../experiment/records/records.js';
import type { OperationCheck } from './compare.js';

export interface LoadedLibrary {
  readonly name: string;
  /** Null: it was loaded. */
  readonly error: string | null;
}

/** An engine process for the device, and the results of its operations. */
export interface ComputedCheck {
  /** Version of the native library. */
  readonly tensorflow: string;
  /** Null where the CPU computes. */
  readonly gpu: GpuEnvironment | null;
  readonly operations: readonly OperationCheck[];
}

export interface DeviceReport {
  /** GPUs as CUDA_VISIBLE_DEVICES names them. */
  readonly visible: readonly string[];
  readonly libraries: readonly (LoadedLibrary & { readonly optional: boolean })[];
  /** Or why nothing was computed, in one line. */
  readonly computed: ComputedCheck | { readonly failure: string };
}
