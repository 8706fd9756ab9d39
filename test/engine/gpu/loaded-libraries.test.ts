// Samples of /proc/PID/maps: a CUDA toolkit, Python packages of CUDA 12 and, under aliases, of CUDA 13.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  libraryVersions,
  mappedLibraries,
  type Files,
} from '../../../engine/gpu/loaded-libraries.js';

const line = (path: string): string =>
  `7f2c3a000000-7f2c3a400000 r-xp 00001000 103:02 1311233                    ${path}`;
const packages = '/opt/venv/lib/python3.12/site-packages';

function files(
  folders: Readonly<Record<string, Readonly<Record<string, string>>>>,
  links = {},
): Files {
  return {
    realPath: (path) => (links as Record<string, string>)[path] ?? path,
    bytes: () => 704_032,
    list: (folder) => Object.keys(folders[folder] ?? {}),
    read: (path) => {
      const at = path.lastIndexOf('/');
      return folders[path.slice(0, at)]![path.slice(at + 1)]!;
    },
  };
}

test('NVIDIA libraries are found among all that is mapped, each once', () => {
  const maps = [
    line('/usr/lib/x86_64-linux-gnu/libc.so.6'),
    line('/opt/isthmus/lib/libtensorflow_cc.so.2'),
    '7ffd1a5e0000-7ffd1a601000 rw-p 00000000 00:00 0                          [stack]',
    '7f2c3a000000-7f2c3a400000 rw-p 00000000 00:00 0 ',
    line('/usr/lib/x86_64-linux-gnu/libcuda.so.580.95.05'),
    line('/usr/lib/x86_64-linux-gnu/libcuda.so.580.95.05'),
    line('/usr/lib/libcudnn_engines_precompiled.so.9'),
    line('/usr/lib/libcudart_lookalike.so'),
  ].join('\n');
  expect(mappedLibraries(maps)).toEqual([
    '/usr/lib/libcudnn_engines_precompiled.so.9',
    '/usr/lib/x86_64-linux-gnu/libcuda.so.580.95.05',
  ]);
});

test('a toolkit has the full version in the name of the file, behind links', () => {
  const maps = line('/usr/local/cuda/lib64/libcublas.so.12');
  const real = '/usr/local/cuda-12.9/targets/x86_64-linux/lib/libcublas.so.12.9.1.4';
  const links = { '/usr/local/cuda/lib64/libcublas.so.12': real };
  expect(libraryVersions(maps, files({}, links))).toEqual({ libcublas: '12.9.1.4' });
});

test('the library of a Python package has the version of the package that lists it', () => {
  const cublas = 'nvidia/cublas/lib/libcublas.so.12';
  const folders = {
    [packages]: {
      numpy: '',
      'nvidia_cudnn_cu12-9.19.0.56.dist-info': '',
      'nvidia_cublas_cu12-12.9.1.4.dist-info': '',
      'nvidia_without_record-1.0.dist-info': '',
    },
    [`${packages}/nvidia_cublas_cu12-12.9.1.4.dist-info`]: {
      RECORD: `nvidia/cublas/lib/libcublasLt.so.12,sha256=a,1\n${cublas},sha256=b,2\n`,
    },
    [`${packages}/nvidia_cudnn_cu12-9.19.0.56.dist-info`]: {
      RECORD: 'nvidia/cudnn/lib/libcudnn.so.9,sha256=c,3\n',
    },
  };
  const maps = [line(`${packages}/${cublas}`), line(`${packages}/nvidia/cudnn/lib/libcudnn.so.9`)];
  expect(libraryVersions(maps.join('\n'), files(folders))).toEqual({
    libcublas: '12.9.1.4',
    libcudnn: '9.19.0.56',
  });
});

test('a library of CUDA 13 under the name of CUDA 12 tells its own version', () => {
  const alias = '/tmp/aliases/libcublas.so.12';
  const real = `${packages}/nvidia/cu13/lib/libcublas.so.13`;
  const folders = {
    [packages]: { 'nvidia_cublas-13.1.0.3.dist-info': '' },
    [`${packages}/nvidia_cublas-13.1.0.3.dist-info`]: {
      RECORD: 'nvidia/cu13/lib/libcublas.so.13,sha256=a,1\n',
    },
  };
  // The kernel maps the file itself, not the link.
  expect(libraryVersions(line(real), files(folders))).toEqual({ libcublas: '13.1.0.3' });
  expect(libraryVersions(line(alias), files(folders, { [alias]: real }))).toEqual({
    libcublas: '13.1.0.3',
  });
});

test('a file that says no more than its major version is told by its size', () => {
  expect(libraryVersions(line('/bundle/lib/libcudart.so.12'), files({}))).toEqual({
    libcudart: '12 (704032 bytes)',
  });
});

test('this process has loaded none', () => {
  expect(mappedLibraries(readFileSync('/proc/self/maps', 'utf8'))).toEqual([]);
});
