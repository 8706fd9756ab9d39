/** Versions of NVIDIA's libraries that a process has loaded, from /proc/PID/maps and the files themselves. */
import { basename, join, relative } from 'node:path';

/** The file system, or a sample of one. */
export interface Files {
  /** With every link followed. */
  realPath(path: string): string;
  bytes(path: string): number;
  /** Names in a folder; none where it cannot be read. */
  list(folder: string): readonly string[];
  read(path: string): string;
}

const ofNvidia =
  /^lib(cuda|cudart|cublas|cublasLt|cudnn\w*|cufft|cusolver|cusparse|nvrtc|nvJitLink|nccl|cupti)\.so(\.|$)/;

/** Paths of NVIDIA's libraries in the text of a maps file, each once. */
export function mappedLibraries(maps: string): readonly string[] {
  const paths = maps.split('\n').flatMap((line) => /\s(\/.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(paths)].filter((path) => ofNvidia.test(basename(path))).sort();
}

/** Version of each library, by the name without version (`libcudnn_cnn`). */
export function libraryVersions(maps: string, files: Files): Readonly<Record<string, string>> {
  const versions = mappedLibraries(maps).map((path) => {
    const real = files.realPath(path);
    return [basename(path).replace(/\.so.*$/, ''), versionOf(real, files)] as const;
  });
  return Object.fromEntries(versions);
}

/**
 * The full version where the file's name has it, as in a CUDA toolkit; else that of the Python package which installed
 * the file, for these name their libraries by major version; else the size, which tells files apart.
 */
function versionOf(path: string, files: Files): string {
  const named = /\.so\.([\d.]+)$/.exec(basename(path))?.[1] ?? 'unversioned';
  if (named.includes('.')) return named;
  return packagedVersion(path, files) ?? `${named} (${files.bytes(path)} bytes)`;
}

/** A package lists its files, from the folder in which it lies, in the RECORD beside them. */
function packagedVersion(path: string, files: Files): string | null {
  const root = /^(.*\/(?:site|dist)-packages)\//.exec(path)?.[1];
  if (root === undefined) return null;
  const own = `${relative(root, path)},`;
  for (const name of files.list(root)) {
    const version = /^nvidia_.*-([\d.]+)\.dist-info$/.exec(name)?.[1];
    if (version === undefined || !files.list(join(root, name)).includes('RECORD')) continue;
    const record = files.read(join(root, name, 'RECORD'));
    if (record.split('\n').some((line) => line.startsWith(own))) return version;
  }
  return null;
}
