/**
 * Runs recorded nodes one kernel after the other, as tfjs itself would: what a session of the
 * native library must agree with. Slow; for comparison.
 */
import * as tf from '@tensorflow/tfjs';
import type { GraphHost, GraphSession } from './compile.js';
import {
  ancestors,
  type ConstantNode,
  type GraphNode,
  type Signature,
  type UpdateNode,
  type VariableNode,
} from './graph.js';
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
      case 'read':
        edges.set(`${node.name}:0`, tf.clone(this.#read(node.variable)));
        return;
      case 'assign':
        this.#assign(node.variable, edgeValue(edges, node.value));
        return;
      case 'update':
        this.#update(node, edges);
        return;
      default:
        throw new Error(`unknown node ${JSON.stringify(node satisfies never)}`);
    }
  }

  /** In the order of the kernel's own arithmetic, so that the bits are the same. */
  #update(node: UpdateNode, edges: ReadonlyMap<string, tf.Tensor>): void {
    const value = (edge: string) => edgeValue(edges, edge);
    const [rate, gradient, momentum] = [node.learningRate, node.gradient, node.momentum].map(value);
    const velocity = tf.add(tf.mul(this.#read(node.velocity), momentum!), gradient!);
    const step = node.nesterov
      ? tf.add(tf.mul(gradient!, rate!), tf.mul(tf.mul(velocity, momentum!), rate!))
      : tf.mul(velocity, rate!);
    this.#assign(node.weights, tf.sub(this.#read(node.weights), step));
    this.#assign(node.velocity, velocity);
  }

  #read({ name }: VariableNode): tf.Tensor {
    const value = this.#variables.get(name);
    if (value === undefined) throw new Error(`${name} has no value yet`);
    return value;
  }

  #assign({ name }: VariableNode, value: tf.Tensor): void {
    this.#variables.get(name)?.dispose();
    this.#variables.set(name, tf.keep(tf.clone(value)));
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
