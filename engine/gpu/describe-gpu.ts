/** Describes the GPU of this process: card, loaded libraries and switches. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import type { GpuEnvironment } from '../../experiment/records/records.js';
import { askNvidiaSmi } from '../../settings/gpus.js';
import { gpuSwitches } from '../native-environment.js';
import { libraryVersions, type Files } from './loaded-libraries.js';
import { cardQuery, findCard } from './nvidia-smi.js';

const fileSystem: Files = {
  realPath: (path) => realpathSync(path),
  bytes: (path) => statSync(path).size,
  list: (folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  },
  read: (path) => readFileSync(path, 'utf8'),
};

/** For a process whose TensorFlow has a GPU. */
export function describeGpu(env: NodeJS.ProcessEnv): GpuEnvironment {
  loadKernels();
  const [list, csv] = [askNvidiaSmi('-L'), askNvidiaSmi(...cardQuery)];
  const visible = env['CUDA_VISIBLE_DEVICES'] ?? '0';
  return {
    card: list === null || csv === null ? null : findCard(visible, list, csv),
    libraries: libraryVersions(readFileSync('/proc/self/maps', 'utf8'), fileSystem),
    switches: switchesIn(env),
  };
}

/** cuDNN loads the parts of itself that an operation needs when it is first computed. */
function loadKernels(): void {
  tf.tidy(() => {
    const images = tf.ones<tf.Rank.R4>([1, 8, 8, 4]);
    const kernel = tf.ones<tf.Rank.R4>([3, 3, 4, 4]);
    const gradient = tf.grad((k) => tf.conv2d(images, k as tf.Tensor4D, 1, 'same'))(kernel);
    tf.matMul(tf.reshape(gradient, [12, 12]), tf.ones([12, 12])).dataSync();
  });
}

function switchesIn(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const names = Object.keys(env).filter((name) => gpuSwitches.test(name) && !quiet.test(name));
  return Object.fromEntries(names.sort().map((name) => [name, env[name] ?? '']));
}

/** They decide what is printed, and the number of threads, which the environment has anyway. */
const quiet = /^TF_(CPP|NUM)_/;
