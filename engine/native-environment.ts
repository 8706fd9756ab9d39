/** Environment of a process that computes with TensorFlow: read when the native libraries are loaded. */

/**
 * glibc's allocator keeps what it has, in one arena: a tensor of megabytes is otherwise mapped anew, page by page, at
 * every step. An evaluation of cnn-small with one thread takes a tenth less time, and less memory too.
 */
const allocator = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: String(2 ** 30),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 30),
  MALLOC_TOP_PAD_: String(2 ** 26),
};

/** For so many threads; they decide the bits of results. */
export function nativeEnvironment(threads: number): Readonly<Record<string, string>> {
  return {
    ...allocator,
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: String(threads),
    OMP_NUM_THREADS: String(threads),
    TF_CPP_MIN_LOG_LEVEL: '3',
  };
}

/**
 * Variables by which a user's surroundings could change what a GPU computes: those of TensorFlow, of XLA and of NVIDIA's
 * mathematics. What `gpuEnvironment` sets is all that a GPU engine has of them. (Terraform has the same prefix.)
 */
export const gpuSwitches =
  /^(TF_(?!CLI_|VAR_)|XLA_|CUBLAS|CUDNN_|NVIDIA_TF32_OVERRIDE$|CUDA_DEVICE_ORDER$)/;

interface GpuChoices {
  /** Precision of convolutions and matrix products; bfloat16 is a matter of the graph, not of the process. */
  readonly precision: 'float32' | 'bfloat16' | 'tf32';
  /** Megabytes that the process reserves on its GPU; undefined: it takes what it needs when it needs it. */
  readonly memoryMb?: number | undefined;
}

/**
 * For a process that computes on a GPU, beside `nativeEnvironment`. TensorFlow takes deterministic kernels or raises;
 * the algorithms of convolutions and products come from heuristics, since a measured choice may fall otherwise in
 * another process; cuBLAS keeps one workspace of fixed size per stream (its documentation, "Results reproducibility").
 * NVIDIA_TF32_OVERRIDE: 0 forbids TF32 to all of NVIDIA's libraries, whatever the program asks for; every other value
 * is reserved, so for tf32 it is left out: TensorFlow allows TF32 by default.
 */
export function gpuEnvironment({
  precision,
  memoryMb,
}: GpuChoices): Readonly<Record<string, string>> {
  return {
    TF_DETERMINISTIC_OPS: '1',
    TF_CUDNN_USE_AUTOTUNE: '0',
    TF_MATMUL_AUTOTUNE_ENABLE: '0',
    CUBLAS_WORKSPACE_CONFIG: ':4096:8',
    ...(precision === 'tf32' ? {} : { NVIDIA_TF32_OVERRIDE: '0' }),
    ...memoryEnvironment(memoryMb),
  };
}

/**
 * Without either TensorFlow takes nearly all of the GPU at its start. TensorFlow 2.21 compares each piece of memory
 * with the limit, not their sum: growing piece by piece would never reach it, so a limited process takes its share at
 * once, at least nine tenths of the limit. One that needs more takes a second such piece.
 */
function memoryEnvironment(memoryMb: number | undefined): Readonly<Record<string, string>> {
  return memoryMb === undefined
    ? { TF_FORCE_GPU_ALLOW_GROWTH: 'true' }
    : { TF_FORCE_GPU_ALLOW_GROWTH: 'false', TF_PER_DEVICE_MEMORY_LIMIT_MB: String(memoryMb) };
}

export interface DeviceChoices extends GpuChoices {
  readonly device: 'cpu' | 'gpu';
  readonly threads: number;
  /** Names of GPUs as nvidia-smi shows them, of which the process uses the first; empty: it sees none. */
  readonly visible: readonly string[];
}

/** Surroundings of a process that computes on a device: what decides bits on a GPU is never the user's. */
export function computingEnvironment(
  env: NodeJS.ProcessEnv,
  { device, threads, visible, ...choices }: DeviceChoices,
): NodeJS.ProcessEnv {
  if (device === 'cpu') return { ...env, ...nativeEnvironment(threads) };
  const own = Object.entries(env).filter(([name]) => !gpuSwitches.test(name));
  return {
    ...Object.fromEntries(own),
    ...nativeEnvironment(threads),
    ...gpuEnvironment(choices),
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    CUDA_VISIBLE_DEVICES: visible.join(),
  };
}
