/** Installs pinned Python packages into ignored folders, because it was asked to; nothing does so by itself. */
import { spawnSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../experiment/errors.js';
import { pythonDir, pytorchSources, tensorflowDir, tensorflowSources } from './folders.js';

interface PythonPackages {
  readonly name: string;
  /** What is said before, in numbers. */
  readonly cost: string;
  readonly folder: string;
  /** Folder of its requirements.txt. */
  readonly sources: string;
}

export function installPytorch(): void {
  install({
    name: 'PyTorch',
    cost: '2.5 GB to download, 3.9 GB on disk',
    folder: pythonDir,
    sources: pytorchSources,
  });
}

export function installTensorflow(): void {
  install({
    name: 'TensorFlow',
    cost: '0.4 GB to download, 1.6 GB on disk',
    folder: tensorflowDir,
    sources: tensorflowSources,
  });
}

function install({ name, cost, folder, sources }: PythonPackages): void {
  if (spawnSync('python3', ['-m', 'pip', '--version']).status !== 0) {
    throw new UserError('dependency-down', `${name} cannot be installed without python3 and pip`, {
      hint: `apt install python3 python3-pip; the benchmark also works without ${name}`,
    });
  }
  const next = `${folder}.next`;
  rmSync(next, { recursive: true, force: true });
  const pip = ['-m', 'pip', 'install', '--no-deps', '--no-compile', '--target', next];
  const requirements = ['-r', join(sources, 'requirements.txt')];
  process.stderr.write(`installing ${name}: ${cost}\n`);
  // pip's progress goes to stderr: stdout is for tables.
  const { status } = spawnSync('python3', [...pip, ...requirements], {
    stdio: ['ignore', process.stderr, 'inherit'],
  });
  if (status !== 0) {
    throw new UserError('failed', `pip could not install ${name}; its message is above`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(next, folder);
}
