/** Builds tfjs's native addon against the unpacked TensorFlow; the addon finds it by a path relative to itself. */
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runCommand } from './command.mjs';
import { generated, modules, tools } from './paths.mjs';
import { compilerEnvironment } from './prerequisites.mjs';
import { step } from './progress.mjs';
import { readText, writeText } from './stamp.mjs';
import { tensorflow } from './wheels.mjs';

const packages = {
  cpu: join(modules, '@tensorflow', 'tfjs-node'),
  gpu: join(modules, '@tensorflow', 'tfjs-node-gpu'),
};

/** Inside the package: reinstalling it removes the stamp with the addon. */
function stampOf(device) {
  return join(packages[device], 'lib', 'napi-v8', 'built-against.txt');
}

/** Both are pinned: the package by the lockfile, the library by its hash. */
function inputs(device) {
  return readText(join(tools, tensorflow[device].folder, 'pin.txt'));
}

export function addonPending(device) {
  const wanted = inputs(device);
  return wanted === undefined || readText(stampOf(device)) !== wanted;
}

/** Relative, so that a clone can be moved. */
function link(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(relative(realpathSync(dirname(to)), from), to);
}

function linkLibrary(device) {
  const deps = join(packages[device], 'deps');
  const own = realpathSync(join(tools, tensorflow[device].folder));
  rmSync(deps, { recursive: true, force: true });
  link(join(own, 'include'), join(deps, 'include'));
  const library = join(own, 'lib', 'libtensorflow_cc.so.2');
  const framework = join(own, 'lib', 'libtensorflow_framework.so.2');
  link(library, join(deps, 'lib', 'libtensorflow.so'));
  link(library, join(deps, 'lib', 'libtensorflow_cc.so.2'));
  link(framework, join(deps, 'lib', 'libtensorflow_framework.so'));
  link(framework, join(deps, 'lib', 'libtensorflow_framework.so.2'));
}

/** Node's headers are mostly installed beside it; only where they are not does node-gyp fetch them. */
function headers() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const own = join(prefix, 'include', 'node');
  const complete = ['node_api.h', 'common.gypi'].every((name) => existsSync(join(own, name)));
  return complete ? [`--nodedir=${prefix}`] : [`--devdir=${join(generated, 'node-gyp')}`];
}

export async function buildAddon(device) {
  const cwd = packages[device];
  const gyp = join(modules, 'node-gyp', 'bin', 'node-gyp.js');
  const target = ['--module_name=tfjs_binding', `--module_path=${join(cwd, 'lib', 'napi-v8')}`];
  const flags = ['--release', '--napi_build_version=8', '--jobs=max', ...headers()];
  await step(`TensorFlow addon for Node (compiling)`, async () => {
    linkLibrary(device);
    const command = [process.execPath, gyp, 'rebuild', ...target, ...flags];
    const env = { ...process.env, ...compilerEnvironment() };
    const what = 'the TensorFlow addon could not be built';
    await runCommand(`addon-${device}`, what, command, { cwd, env });
    rmSync(join(cwd, 'build'), { recursive: true, force: true });
    writeText(stampOf(device), inputs(device));
  });
}
