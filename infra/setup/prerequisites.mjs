/** Checks the prerequisites of set-up and lists everything missing, with how to install it. */
import { mkdirSync, statfsSync } from 'node:fs';
import { programOutput } from './command.mjs';
import { generated, root } from './paths.mjs';
import { megabytes, SetUpError } from './progress.mjs';

const freeBytes = 4e9;

function atLeast(version, [major, minor]) {
  const [ownMajor, ownMinor] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

function platform() {
  const own = `${process.platform} ${process.arch}`;
  return own === 'linux x64' ? undefined : `Linux on x86-64 is needed; this is ${own}`;
}

function glibc() {
  if (process.platform !== 'linux') return undefined;
  const own = programOutput('getconf', ['GNU_LIBC_VERSION'])?.replace('glibc ', '');
  if (own !== undefined && atLeast(own, [2, 28])) return undefined;
  const found = own === undefined ? 'another C library' : `glibc ${own}`;
  return `glibc 2.28 or later is needed (Debian 10, Ubuntu 20.04, RHEL 8 or later); this system has ${found}`;
}

function node() {
  const own = process.versions.node;
  if (atLeast(own, [20, 19])) return undefined;
  return `Node 20.19 or later is needed, this is ${own}: install it from nodejs.org`;
}

function npm() {
  if (process.env.npm_execpath !== undefined) return undefined;
  if (programOutput('npm', ['--version']) !== undefined) return undefined;
  return 'npm is missing: it comes with Node from nodejs.org';
}

function python() {
  const probe = 'import sys; print("%d.%d" % sys.version_info[:2])';
  const own = programOutput('python3', ['-c', probe]);
  if (own === undefined) return 'python3 is missing: apt install python3 python3-pip';
  if (atLeast(own, [3, 9])) return undefined;
  return `Python 3.9 or later is needed, python3 is ${own}: install a later one and put it first in PATH`;
}

function pip() {
  if (programOutput('python3', ['-c', '']) === undefined) return undefined; // told by python()
  if (programOutput('python3', ['-m', 'pip', '--version']) !== undefined) return undefined;
  return 'pip for python3 is missing: apt install python3-pip, or python3 -m ensurepip';
}

const compilers = ['g++', 'c++', 'clang++'];

function runs(name) {
  return programOutput(name, ['--version']) !== undefined;
}

/** The C++ compiler to use: the one that CXX names, else the first found. */
export function compiler() {
  return process.env.CXX || compilers.find(runs);
}

function cxx() {
  const own = compiler();
  if (own === undefined) return 'a C++ compiler is missing: apt install g++';
  return runs(own)
    ? undefined
    : `CXX names ${own}, which does not run: unset it or name a C++ compiler`;
}

function disk() {
  mkdirSync(generated, { recursive: true });
  const { bavail, bsize } = statfsSync(generated);
  if (bavail * bsize >= freeBytes) return undefined;
  return `${megabytes(freeBytes)} of free disk are needed; ${root} has ${megabytes(bavail * bsize)}`;
}

export function checkPrerequisites() {
  const checks = [platform, glibc, node, npm, python, pip, cxx, disk];
  const missing = checks.map((check) => check()).filter((line) => line !== undefined);
  if (missing.length > 0) throw new SetUpError(missing.join('\n'));
}
