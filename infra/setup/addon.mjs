/** Compiles tfjs's native addon against the unpacked TensorFlow; the addon finds it by a path relative to itself. */
import { mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runCommand } from './command.mjs';
import { modules, root, tools } from './paths.mjs';
import { compiler } from './prerequisites.mjs';
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

/** The rest of what it is made of is pinned by the lockfile. */
function inputs(device) {
  const library = readText(join(tools, tensorflow[device].folder, 'pin.txt'));
  return library && `${library} ${options(device).join(' ')}`;
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

/** A native library's C++ as node-gyp compiles it: nothing is thrown, no types are asked for at run time. */
const flags =
  '-shared -fPIC -pthread -O3 -std=gnu++17 -fno-rtti -fno-exceptions -DNAPI_VERSION=8 -Wl,-rpath,$ORIGIN/../../deps/lib';

/**
 * The one compiler run of the package's binding.gyp; Node-API alone, so that every Node loads the result. Paths are
 * relative to the root, where it runs: the addon keeps those of its sources, for its messages.
 */
function options(device) {
  const own = (...names) => relative(root, join(packages[device], ...names));
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => own('binding', name));
  const headers = [
    relative(root, join(modules, 'node-api-headers', 'include')),
    own('deps', 'include'),
  ];
  const includes = headers.map((folder) => `-I${folder}`);
  const libraries = [`-L${own('deps', 'lib')}`, '-ltensorflow', '-ltensorflow_framework'];
  return [...flags.split(' '), ...includes, ...sources, ...libraries];
}

export async function buildAddon(device) {
  const folder = join(packages[device], 'lib', 'napi-v8');
  const output = join(folder, 'tfjs_binding.node.next');
  await step(`TensorFlow addon for Node (compiling)`, async () => {
    linkLibrary(device);
    mkdirSync(folder, { recursive: true });
    const what = 'the TensorFlow addon could not be built';
    await runCommand(`addon-${device}`, what, [compiler(), ...options(device), '-o', output]);
    renameSync(output, join(folder, 'tfjs_binding.node'));
    writeText(stampOf(device), inputs(device));
  });
}
