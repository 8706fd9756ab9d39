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
