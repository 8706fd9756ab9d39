/** The one place that loads TensorFlow: starts tfjs on its native backend and hosts captured graphs. */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { generatedDir, graphCacheFolder } from '../../settings/paths.js';
import type { GraphHost, GraphSession } from '../../numerics/graph/compile.js';
import { clearing } from '../../numerics/graph/stateful/variables.js';
import { packageOf, type Device } from './device-package.js';
import { graphDigest, graphFolder, pruneGraphs } from './graph-files.js';
import { encodeSavedModel, type AttributeKinds } from './saved-model.js';
import { sessionPool, type SessionLoader } from './session-pool.js';

/** For tests and benchmarks, which have no home. */
const graphCache = graphCacheFolder(generatedDir);

export interface TensorFlow {
  /** Version of the native library. */
  readonly version: string;
  /** Version of the JavaScript packages. */
  readonly tfjsVersion: string;
  /** Whether a GPU computes; the gpu package falls back to the CPU where it finds none. */
  readonly usesGpu: boolean;
  readonly host: GraphHost;
  /** Live tensors; a run must leave as many as it found. */
  countTensors(): number;
}

interface SessionBackend extends tf.KernelBackend {
  readonly binding: Readonly<Record<string, number>> & { readonly TF_Version: string };
  readonly isUsingGpuDevice: boolean;
  loadSavedModelMetaGraph(directory: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(
    id: number,
    inputs: tf.Tensor[],
    inputInfos: readonly { name: string; tfDtype: string }[],
    outputNames: string[],
  ): tf.Tensor[];
}

/**
 * Loads the device's package and makes it the backend of tfjs in this process.
 * Threads are set by `TF_NUM_INTRAOP_THREADS` in the environment of the process: the library
 * reads them when it is loaded. Encoded graphs are kept in the folder `graphs`.
 */
export async function startTensorFlow(
  device: Device,
  graphs: string = graphCache,
): Promise<TensorFlow> {
  const require = createRequire(import.meta.url);
  restoreRemovedUtilities(require('node:util') as Record<string, unknown>);
  require(packageOf[device]);
  await tf.setBackend('tensorflow');
  const backend = tf.backend() as SessionBackend;
  return {
    version: backend.binding.TF_Version,
    tfjsVersion: tf.version_core,
    usesGpu: backend.isUsingGpuDevice,
    host: createSessionHost(backend, graphs),
    countTensors: () => tf.memory().numTensors,
  };
}

/** tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed. */
function restoreRemovedUtilities(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
}

/** Most graphs whose sessions wait to be used again. */
const mostIdleSessions = 12;

function createSessionHost(backend: SessionBackend, graphs: string): GraphHost {
  pruneGraphs(graphs);
  const kinds = attributeKinds(backend.binding);
  const load: SessionLoader['load'] = (nodes, content) => {
    const clear = clearing(nodes);
    const folder = graphFolder(graphs, content, () =>
      encodeSavedModel([...nodes, ...clear.nodes], kinds),
    );
    const id = backend.loadSavedModelMetaGraph(folder, 'serve');
    const run: GraphSession['run'] = ({ inputs, outputs }, values) => {
      const infos = inputs.map((name) => ({ name, tfDtype: '' }));
      return backend.runSavedModel(id, [...values], infos, [...outputs]);
    };
    return {
      run,
      clear: () => void (clear.outputs.length > 0 && tf.dispose(run(clear, []))),
      dispose: () => backend.deleteSavedModel(id),
    };
  };
  return sessionPool({ contentOf: graphDigest, load }, mostIdleSessions);
}

function attributeKinds(binding: Readonly<Record<string, number>>): AttributeKinds {
  return {
    string: binding['TF_ATTR_STRING']!,
    int: binding['TF_ATTR_INT']!,
    float: binding['TF_ATTR_FLOAT']!,
    bool: binding['TF_ATTR_BOOL']!,
    type: binding['TF_ATTR_TYPE']!,
    shape: binding['TF_ATTR_SHAPE']!,
  };
}
