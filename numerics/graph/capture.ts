/**
 * Records one run of a tfjs function, gradients included, as a graph: what tf.function is to Python.
 * Every kernel of tfjs-node passes through two methods of its backend; while recording, each call
 * becomes a node, the function's arguments become placeholders, any other tensor met a constant.
 */
import * as tf from '@tensorflow/tfjs';
import { dataTypes, type Graph, type GraphNode, type OpNode, type TensorSpec } from './graph.js';
import { exactness } from './in-float32.js';
import { nativeBackend, nativeType, numberedType, type NativeBackend } from './native.js';

/** A pure tfjs function: no reading of values, the same operations whatever the values are. */
export type TensorFunction = (...inputs: tf.Tensor[]) => tf.Tensor[];

/**
 * Runs `f` once on the examples and returns what it did; shapes and types are the examples'.
 * Throws when `f` reads a tensor's values, since a graph cannot branch on them in JavaScript.
 */
export function capture(f: TensorFunction, examples: readonly tf.Tensor[]): Graph {
  const backend = nativeBackend();
  const recorder = new Recorder(backend, examples);
  const restore = recorder.install();
  try {
    // A function of its own scope: everything it made is freed once the graph is written.
    tf.engine().startScope();
    const results = f(...examples);
    return recorder.finish(results);
  } finally {
    tf.engine().endScope();
    restore();
  }
}

type RecordedMethod = 'executeSingleOutput' | 'executeMultipleOutputs' | 'readSync' | 'read';

/** Holds the growing graph; the only mutable thing here, and it does not outlive `capture`. */
class Recorder {
  readonly #backend: NativeBackend;
  readonly #read: NativeBackend['readSync'];
  readonly #nodes: GraphNode[] = [];
  readonly #inputs: string[] = [];
  readonly #inputSpecs: TensorSpec[] = [];
  /** Which node and output produced the data of a tensor; aliases share their data. */
  readonly #source = new Map<object, string>();
  /** Constants by content, so that the thousand shape vectors of a graph become a few nodes. */
  readonly #constants = new Map<string, string>();

  constructor(backend: NativeBackend, examples: readonly tf.Tensor[]) {
    this.#backend = backend;
    this.#read = backend.readSync.bind(backend);
    examples.forEach((example, i) => this.#placeholder(example, `input_${i}`));
  }

  /** Puts recording methods in front of the backend's own; the returned function takes them away. */
  install(): () => void {
    const backend = this.#backend;
    if (Object.hasOwn(backend, 'executeMultipleOutputs')) throw new Error('captures do not nest');
    const execute = backend.executeMultipleOutputs.bind(backend);
    const refuse = (): never => {
      throw new Error('a captured function must not read the values of a tensor');
    };
    const recording: Pick<NativeBackend, RecordedMethod> = {
      executeMultipleOutputs: (name, attributes, inputs, count) => {
        const sources = inputs.map((input) => this.#sourceOf(input));
        const outputs = execute(name, attributes, inputs, count);
        this.#op(name, { attributes, inputs: sources, ...imageShape(name, inputs) }, outputs);
        return outputs;
      },
      executeSingleOutput: (name, attributes, inputs) =>
        recording.executeMultipleOutputs(name, attributes, inputs, 1)[0]!,
      readSync: refuse,
      read: refuse,
    };
    Object.assign(backend, recording);
    return () => {
      for (const method of Object.keys(recording)) Reflect.deleteProperty(backend, method);
    };
  }

  finish(results: readonly tf.Tensor[]): Graph {
    const outputs = results.map((result) => this.#computed(this.#sourceOf(result)));
    return {
      nodes: this.#nodes,
      inputs: this.#inputs,
      inputSpecs: this.#inputSpecs,
      outputs,
    };
  }

  /** TensorFlow refuses to return what it was given: an argument passes through Identity. */
  #computed(source: string): string {
    const spec = this.#inputSpecs[this.#inputs.indexOf(source)];
    if (spec === undefined) return source;
    const name = `Identity_${this.#nodes.length}`;
    const attributes = [numberedType('T', dataTypes[spec.dtype])];
    this.#nodes.push({ kind: 'op', name, op: 'Identity', inputs: [source], attributes, count: 1 });
    return `${name}:0`;
  }

  #placeholder(example: tf.Tensor, name: string): void {
    // What is done with one argument could not be told from what is done with the other.
    if (this.#source.has(example.dataId)) throw new Error(`${name} shares its data with another`);
    const spec = { shape: example.shape, dtype: nativeType(this.#backend, example) };
    this.#nodes.push({ kind: 'placeholder', name, ...spec });
    this.#inputs.push(`${name}:0`);
    this.#inputSpecs.push(spec);
    this.#source.set(example.dataId, `${name}:0`);
  }

  #op(
    op: string,
    rest: Pick<OpNode, 'inputs' | 'attributes' | 'imageShape'>,
    outputs: readonly tf.Tensor[],
  ): void {
    const name = `${op}_${this.#nodes.length}`;
    const count = outputs.length;
    this.#nodes.push({ kind: 'op', name, op, ...rest, count, ...exactness() });
    outputs.forEach((output, i) => this.#source.set(output.dataId, `${name}:${i}`));
  }

  #sourceOf(tensor: tf.Tensor): string {
    const known = this.#source.get(tensor.dataId);
    if (known !== undefined) return known;
    const source = this.#constant(tensor);
    this.#source.set(tensor.dataId, source);
    return source;
  }

  #constant(tensor: tf.Tensor): string {
    const { shape } = tensor;
    const dtype = nativeType(this.#backend, tensor);
    const values = this.#read(tensor.dataId).slice();
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const content = `${dtype}[${shape.join()}]${bytes.toString('latin1')}`;
    const known = this.#constants.get(content);
    if (known !== undefined) return known;
    const name = `constant_${this.#nodes.length}`;
    this.#nodes.push({ kind: 'constant', name, shape, dtype, values });
    this.#constants.set(content, `${name}:0`);
    return `${name}:0`;
  }
}

function imageShape(op: string, [images]: readonly tf.Tensor[]): Pick<OpNode, 'imageShape'> {
  return op === 'Conv2DBackpropFilter' ? { imageShape: [...images!.shape] } : {};
}
