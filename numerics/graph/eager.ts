/**
 * Runs recorded nodes one kernel after the other, as tfjs itself would: what a session of the
 * native library must agree with. Slow; for comparison.
 */
import * as tf from '@tensorflow/tfjs';
import type { GraphHost, GraphSession } from './compile.js';
import { ancestors, type ConstantNode, type GraphNode, type Signature } from './graph.js';
import { nativeBackend } from './native.js';

/** Loads nodes without a session: each run executes them kernel by kernel. */
export const eagerHost: GraphHost = { load: (nodes) => new EagerSession(nodes) };

class EagerSession implements GraphSession {
  readonly #nodes: readonly GraphNode[];
  readonly #variables = new Map<string, tf.Tensor>();

  constructor(nodes: readonly GraphNode[]) {
    this.#nodes = nodes;
  }

  run(signature: Signature, inputs: readonly tf.Tensor[]): tf.Tensor[] {
    return tf.tidy(() => {
      const edges = new Map(signature.inputs.map((edge, i) => [edge, inputs[i]!]));
      for (const node of ancestors(this.#nodes, signature.outputs)) this.#execute(node, edges);
      return signature.outputs.map((edge) => tf.clone(edgeValue(edges, edge)));
    });
  }

  dispose(): void {
    tf.dispose([...this.#variables.values()]);
    this.#variables.clear();
  }

  #execute(node: GraphNode, edges: Map<string, tf.Tensor>): void {
    switch (node.kind) {
      case 'placeholder':
        edgeValue(edges, `${node.name}:0`);
        return;
      case 'constant':
        edges.set(`${node.name}:0`, constantTensor(node));
        return;
      case 'op': {
        const inputs = node.inputs.map((edge) => edgeValue(edges, edge));
        const outputs = nativeBackend().executeMultipleOutputs(
          node.op,
          [...node.attributes],
          inputs,
          node.count,
        );
        outputs.forEach((output, i) => edges.set(`${node.name}:${i}`, output));
        return;
      }
      case 'variable':
        return;
      case 'read': {
        const value = this.#variables.get(node.variable.name);
        if (value === undefined) throw new Error(`${node.variable.name} has no value yet`);
        edges.set(`${node.name}:0`, tf.clone(value));
        return;
      }
      case 'assign': {
        this.#variables.get(node.variable.name)?.dispose();
        this.#variables.set(node.variable.name, tf.keep(tf.clone(edgeValue(edges, node.value))));
        return;
      }
      default:
        throw new Error(`unknown node ${JSON.stringify(node satisfies never)}`);
    }
  }
}

function edgeValue(edges: ReadonlyMap<string, tf.Tensor>, edge: string): tf.Tensor {
  const value = edges.get(edge);
  if (value === undefined) throw new Error(`${edge} is used before it is computed`);
  return value;
}

function constantTensor({ values, shape, dtype }: ConstantNode): tf.Tensor {
  if (dtype === 'uint8') throw new Error('tfjs makes no tensors of bytes');
  return tf.tensor(values, [...shape], dtype);
}
