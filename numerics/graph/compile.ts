/** A captured function as one native call: the graph is loaded as a TensorFlow session and run whole. */
import type * as tf from '@tensorflow/tfjs';
import { capture, type TensorFunction } from './capture.js';
import type { Graph, GraphNode, Signature, TensorSpec } from './graph.js';
import { nativeBackend, nativeType } from './native.js';

/** Port: whatever can load nodes and run parts of them; the engine gives TensorFlow's session. */
export interface GraphHost {
  load(nodes: readonly GraphNode[]): GraphSession;
}

/** Holds its variables' values until it is disposed of. */
export interface GraphSession {
  /** The caller owns the returned tensors. */
  run(signature: Signature, inputs: readonly tf.Tensor[]): tf.Tensor[];
  dispose(): void;
}

/** A captured function; holds a native session until `dispose()`. */
export interface CompiledFunction {
  /** Same arguments and results as the captured function; the caller owns the results. */
  (...inputs: tf.Tensor[]): tf.Tensor[];
  dispose(): void;
}

/**
 * Captures `f` on example arguments and loads it; later calls must have the same shapes and types.
 * The compiled function holds a native session until `dispose()`.
 */
export function compile(
  host: GraphHost,
  f: TensorFunction,
  examples: readonly tf.Tensor[],
): CompiledFunction {
  return compileGraph(host, capture(f, examples));
}

/** Loads a graph, captured or transformed, as a function of its inputs. */
export function compileGraph(host: GraphHost, graph: Graph): CompiledFunction {
  const session = host.load(graph.nodes);
  const call = (...inputs: tf.Tensor[]): tf.Tensor[] => {
    checkInputs(graph.inputSpecs, inputs);
    return session.run(graph, inputs);
  };
  return Object.assign(call, { dispose: () => session.dispose() });
}

/** Throws on another number, shape or type of inputs than was captured. */
export function checkInputs(specs: readonly TensorSpec[], inputs: readonly tf.Tensor[]): void {
  if (inputs.length !== specs.length) {
    throw new Error(`a graph of ${specs.length} inputs was called with ${inputs.length}`);
  }
  specs.forEach((spec, i) => {
    const { shape } = inputs[i]!;
    const dtype = nativeType(nativeBackend(), inputs[i]!);
    if (dtype === spec.dtype && shape.length === spec.shape.length) {
      if (shape.every((size, axis) => size === spec.shape[axis])) return;
    }
    throw new Error(
      `input ${i} is ${dtype}[${shape.join()}], but was captured as ${spec.dtype}[${spec.shape.join()}]`,
    );
  });
}
