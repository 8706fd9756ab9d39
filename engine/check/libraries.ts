/** NVIDIA's libraries by the names under which TensorFlow 2.21 opens them. */

export interface CudaLibrary {
  readonly name: string;
  /** TensorFlow computes without it. */
  readonly optional: boolean;
}

const required = [
  ...['libcuda.so.1', 'libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcudnn.so.9'],
  ...['libcufft.so.11', 'libcusolver.so.11', 'libcusparse.so.12'],
];
const optional = ['libcupti.so.12', 'libnccl.so.2', 'libnvidia-ml.so.1'];

export const cudaLibraries: readonly CudaLibrary[] = [
  ...required.map((name) => ({ name, optional: false })),
  ...optional.map((name) => ({ name, optional: true })),
];

/**
 * Opens a shared library in this process, as the loader finds it; null, or the loader's own words. Node takes what it
 * opens for an addon, and says afterwards that this one is none.
 */
export function loadLibrary(name: string): string | null {
  try {
    process.dlopen({ exports: {} }, name);
    return null;
  } catch (error) {
    const { message } = error as Error;
    return message.startsWith('Module did not self-register') ? null : message;
  }
}
