/** Certificates of a network's images, compiled once for every radius. */
import * as tf from '@tensorflow/tfjs';
import type { CertificateMethod } from '../../experiment/catalogue/certificate-methods.js';
import { implicitHead } from '../../experiment/catalogue/models/certifiable.js';
import { overBatches, type Batched, type Pause } from '../evaluation/batched.js';
import type { ResidentData } from '../data/resident.js';
import type { GraphHost } from '../graph/compile.js';
import { inFloat32 } from '../graph/in-float32.js';
import { weightSpecs, type Model } from '../models/model.js';
import type { ParameterTensors } from '../models/parameters.js';
import { solverTrace } from './implicit-head.js';
import { marginBounds } from './margin-bounds.js';

/** Values of each image. */
type Each = Float32Array;

/** The solver on each image. */
export interface SolverTrace {
  /** Steps until the relative residual is 1e-4. */
  readonly iterations: Each;
  /** Relative residual after the last step. */
  readonly residual: Each;
  /** Matrix measure μ of the coupling. */
  readonly measure: number;
}

/** A network whose images are certified. */
export interface Certifier {
  /** Native calls for one radius, and for a trace. */
  readonly calls: number;
  /** The bounds of the margins, by method in their order; `epsilon` in pixel units. */
  certify(weights: ParameterTensors, epsilon: number, pause: Pause): Promise<readonly Each[]>;
  /** Null for networks without an implicit layer. */
  trace(weights: ParameterTensors, pause: Pause): Promise<SolverTrace | null>;
  dispose(): void;
}

/** A network, its images and the methods that certify them. */
export interface Certification {
  readonly model: Model;
  readonly methods: readonly CertificateMethod[];
  readonly data: ResidentData;
  readonly batchSize: number;
}

/** Compiles the certificates of all methods, and the trace of the solver. */
export function createCertifier(
  host: GraphHost,
  { model, methods, data, batchSize }: Certification,
): Certifier {
  const { layers } = model;
  if (layers === undefined)
    throw new Error(`${model.name} has no layers: there are no interval rules`);
  const position = new Map(weightSpecs(model).map(({ name }, i) => [name, i]));
  const lookUp = (weights: ParameterTensors) => (name: string) => weights[position.get(name)!]!;
  const bounds = overBatches(host, model, data, batchSize, {
    work: (weights, { images, labels }, epsilon) =>
      inFloat32(() => {
        const batch = { images, labels, epsilon };
        return marginBounds({ layers, pass: { weight: lookUp(weights) } }, batch, methods);
      }),
    exampleExtra: () => [tf.scalar(0)],
  });
  const head = implicitHead(layers);
  const traced =
    head &&
    overBatches(host, model, data, batchSize, (weights, { images }) =>
      inFloat32(() => solverTrace(head, lookUp(weights), images)),
    );
  const collect = async (
    outputs: number,
    run: (visit: Parameters<Batched['run']>[1]) => Promise<void>,
  ): Promise<readonly Each[]> => {
    const found = Array.from({ length: outputs }, () => new Float32Array(data.count));
    await run(({ from, count, outputs: values }) =>
      found.forEach((all, i) => all.set(values[i]!.subarray(0, count), from)),
    );
    return found;
  };
  return {
    calls: bounds.calls,
    certify: (weights, epsilon, pause) =>
      collect(methods.length, (visit) =>
        bounds.run(weights, visit, pause, () => [tf.scalar(epsilon)]),
      ),
    async trace(weights, pause) {
      if (traced === null) return null;
      const found = await collect(3, (visit) => traced.run(weights, visit, pause));
      const [iterations, residual, measure] = found;
      return { iterations: iterations!, residual: residual!, measure: measure![0]! };
    },
    dispose() {
      bounds.dispose();
      traced?.dispose();
    },
  };
}
