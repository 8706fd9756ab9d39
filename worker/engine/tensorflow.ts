/** The one place that loads TensorFlow: starts tfjs on its native backend and hosts captured graphs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { GraphNode } from '../../numerics/graph/graph.js';
import type { GraphHost, GraphSession } from '../../numerics/graph/compile.js';
import { encodeSavedModel, type AttributeKinds } from './saved-model.js';

export type Device = 'cpu' | 'gpu';

export interface TensorFlow {
  /** Of the native library. */
  readonly version: string;
  /** Of the JavaScript packages. */
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
 * reads them when it is loaded.
 */
export async function startTensorFlow(device: Device): Promise<TensorFlow> {
  const require = createRequire(import.meta.url);
  restoreRemovedUtilities(require('node:util') as Record<string, unknown>);
  require(device === 'gpu' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node');
  await tf.setBackend('tensorflow');
  const backend = tf.backend() as SessionBackend;
  return {
    version: backend.binding.TF_Version,
    tfjsVersion: tf.version_core,
    usesGpu: backend.isUsingGpuDevice,
    host: { load: (nodes) => loadSession(backend, nodes) },
    countTensors: () => tf.memory().numTensors,
  };
}

/** tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed. */
function restoreRemovedUtilities(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
}

function loadSession(backend: SessionBackend, nodes: readonly GraphNode[]): GraphSession {
  const id = loadNodes(backend, nodes);
  return {
    run: ({ inputs, outputs }, values) => {
      const infos = inputs.map((name) => ({ name, tfDtype: '' }));
      return backend.runSavedModel(id, [...values], infos, [...outputs]);
    },
    dispose: () => backend.deleteSavedModel(id),
  };
}

/** The binding loads from a folder only; TensorFlow has read it whole when the call returns. */
function loadNodes(backend: SessionBackend, nodes: readonly GraphNode[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-graph-'));
  try {
    writeFileSync(
      join(folder, 'saved_model.pb'),
      encodeSavedModel(nodes, attributeKinds(backend.binding)),
    );
    return backend.loadSavedModelMetaGraph(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
