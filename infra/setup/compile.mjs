/** Compiles what is written in TypeScript: the database client from its schema, the program, the workflow bundle. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { packagesHash } from './packages.mjs';
import { generated, modules, root } from './paths.mjs';
import { step } from './progress.mjs';
import { hashFiles } from './stamp.mjs';

const schema = join(root, 'prisma', 'schema.prisma');
export const clientFolder = join(generated, 'generated', 'prisma');
export const build = join(generated, 'build');

export function clientHash() {
  return hashFiles([schema], packagesHash());
}

/** Generating needs no engine, but Prisma downloads one unless it is shown an executable. */
export async function generateClient() {
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: 'true',
    CHECKPOINT_DISABLE: '1',
    XDG_CACHE_HOME: join(generated, 'cache'),
  };
  const prisma = join(modules, 'prisma', 'build', 'index.js');
  await step('database client', () =>
    runCommand(
      'prisma',
      'the database client could not be generated',
      [...[process.execPath, prisma, 'generate', '--schema', schema]],
      { env },
    ),
  );
}

const skipped = new Set(['node_modules', 'test', '.git', '.isthmus']);

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.ts$|^(tsconfig.*|expected)\.json$/.test(entry.name) ? [path] : [];
  });
}

export function programHash() {
  return hashFiles(sources(root).sort(), packagesHash(), clientHash());
}

/** Beside the old build, then in its place: deleted sources do not linger, and a failure changes nothing. */
export async function compileProgram() {
  const next = join(generated, 'build.next');
  const tsc = join(modules, 'typescript', 'bin', 'tsc');
  const project = ['-p', 'tsconfig.build.json', '--outDir', next];
  await step('Isthmus (compiling)', async () => {
    rmSync(next, { recursive: true, force: true });
    await runCommand('tsc', 'Isthmus could not be compiled', [process.execPath, tsc, ...project]);
    rmSync(build, { recursive: true, force: true });
    renameSync(next, build);
    await bundleWorkflows();
  });
}

/** Once here instead of at every start of a worker. */
async function bundleWorkflows() {
  const bundler = join(build, 'worker', 'bundle.js');
  if (!existsSync(bundler)) return;
  await runCommand('bundle', 'the workflows could not be bundled', [process.execPath, bundler]);
}
