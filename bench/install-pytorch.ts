/** Installs the pinned PyTorch into the ignored folder, because it was asked to; nothing does so by itself. */
import { spawnSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../experiment/errors.js';
import { pythonDir, pytorchSources } from './folders.js';

export function installPytorch(): void {
  if (spawnSync('python3', ['-m', 'pip', '--version']).status !== 0) {
    throw new UserError('dependency-down', 'PyTorch cannot be installed without python3 and pip', {
      hint: 'apt install python3 python3-pip; the benchmark also works without PyTorch',
    });
  }
  const next = `${pythonDir}.next`;
  rmSync(next, { recursive: true, force: true });
  const pip = ['-m', 'pip', 'install', '--no-deps', '--no-compile', '--target', next];
  const requirements = ['-r', join(pytorchSources, 'requirements.txt')];
  process.stderr.write('installing PyTorch: 2.5 GB to download, 3.9 GB on disk\n');
  // pip's progress goes to stderr: stdout is for tables.
  const { status } = spawnSync('python3', [...pip, ...requirements], {
    stdio: ['ignore', process.stderr, 'inherit'],
  });
  if (status !== 0) {
    throw new UserError('failed', 'pip could not install PyTorch; its message is above');
  }
  rmSync(pythonDir, { recursive: true, force: true });
  renameSync(next, pythonDir);
}
