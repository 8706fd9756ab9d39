/** Small random networks on images [4, 4, 1] of three classes: what invariants of certificates and attacks are tried on. */
import * as tf from '@tensorflow/tfjs';
import type { AttackMethod } from '../../experiment/attacks/index.js';
import type { CertificateMethod } from '../../experiment/catalogue/certificate-methods.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import { singleNetwork } from '../../numerics/attacks/procedure/model-under-attack.js';
import type { AttackRunner } from '../../numerics/attacks/runner/runner.js';
import { createCertifier, type Certifier } from '../../numerics/certificates/certifier.js';
import { curvePoint } from '../../numerics/curves/curve.js';
import { makeResident, type ResidentData } from '../../numerics/data/resident.js';
import type { Model } from '../../numerics/models/model.js';
import { network } from '../../numerics/models/network.js';
import { toTensors, type ParameterValues } from '../../numerics/models/parameters.js';
import { normals, stream } from '../../numerics/random.js';
import { runnerFor } from '../numerics/attacks/runners.js';
import { host } from '../numerics/engine.js';

const initial = 'he-normal';
export const shape = [4, 4, 1] as const;
export const classes = 3;
export const count = 24;

const layers = {
  dense: [
    { kind: 'flatten' },
    { kind: 'dense', name: 'fc1', units: 8, initial },
    { kind: 'relu' },
    { kind: 'dense', name: 'fc2', units: 'classes', initial },
  ],
  convolutional: [
    { kind: 'convolution', name: 'conv1', filters: 4, size: 3, initial },
    { kind: 'max-pool', size: 2, stride: 2 },
    { kind: 'relu' },
    { kind: 'flatten' },
    { kind: 'dense', name: 'fc2', units: 'classes', initial },
  ],
  implicit: [
    { kind: 'normalise', mean: [0.4], deviation: [0.5] },
    { kind: 'flatten' },
    { kind: 'implicit', name: 'fc1', units: 6, iterations: 12 },
    { kind: 'dense', name: 'fc2', units: 'classes', initial },
  ],
} as const satisfies Readonly<Record<string, readonly LayerRecord[]>>;

export type Architecture = keyof typeof layers;
export const architectures = Object.keys(layers) as readonly Architecture[];

export function modelOf(architecture: Architecture): Model {
  return network({ name: architecture, layers: layers[architecture], shape, classes });
}

/** Methods that certify this architecture. */
export function methodsOf(architecture: Architecture): readonly CertificateMethod[] {
  const both = ['relative', 'box'] as const;
  return architecture === 'implicit' ? [...both, 'lipschitz'] : both;
}

/** Parameters none of which is where it would not matter: no bias is 0, couplings are large. */
export function randomValues(model: Model, seed: number): ParameterValues {
  const drawn = model.initial(stream(seed, 'init', 0));
  return new Map(
    [...drawn].map(([name, values], i) => {
      const moved = normals(stream(seed, 'weight-noise', i), values.length);
      const factor = name.endsWith('coupling') ? 8 : 1;
      const added = name.endsWith('weight') || name.endsWith('coupling') ? 0 : 0.2;
      return [name, values.map((value, j) => factor * value + added * moved[j]!)];
    }),
  );
}

/** Random pixels and random labels: a third of the images is classified correctly, more or less. */
export function randomImages(seed: number): LabelledImages {
  const generator = stream(seed, 'shapes32', 0);
  const bytes = (length: number, below: number) =>
    Uint8Array.from({ length }, () => (generator.next() >>> 8) % below);
  const labels = bytes(count, classes);
  return { count, shape, labels, pixels: bytes(count * shape[0] * shape[1], 256) };
}

export const now = () => undefined;

/** Certificates and attacks of one model, compiled once. */
export interface Instruments {
  readonly model: Model;
  readonly data: ResidentData;
  readonly labels: Uint8Array;
  readonly certifier: Certifier;
  /** By name and radius. */
  readonly attackers: ReadonlyMap<string, readonly AttackRunner[]>;
  dispose(): void;
}

/** Attacks of every method of that radius. */
function attacksOf(epsilon: number): Readonly<Record<string, AttackMethod>> {
  const [norm, checks] = ['linf', { queries: 0 }] as const;
  return {
    pgd: { norm, epsilon, stepSize: epsilon / 3, steps: 5, randomStart: true },
    apgd: { method: 'apgd', norm, epsilon, steps: 5, loss: 'dlr', restarts: 1, checks },
    square: { method: 'square', norm, epsilon, queries: 10, restarts: 1 },
  };
}

/** Instruments for a model of this shape; `methods` are those that certify it. */
export function createInstruments(
  model: Model,
  epsilons: readonly number[],
  methods: readonly CertificateMethod[] = ['relative', 'box'],
): Instruments {
  const images = randomImages(1);
  const data = makeResident(images, classes);
  const certifier = createCertifier(host, {
    ...{ model, methods, data, batchSize: count },
  });
  const names = Object.keys(attacksOf(0));
  const attackers = new Map(
    names.map((name) => [
      name,
      epsilons.map((epsilon) => {
        const method = { ...attacksOf(epsilon)[name]!, seed: 1 };
        return runnerFor(singleNetwork(model), method, data, { batchSize: count });
      }),
    ]),
  );
  return {
    ...{ model, data, certifier, attackers, labels: images.labels },
    dispose() {
      certifier.dispose();
      for (const runner of [...attackers.values()].flat()) runner.dispose();
      data.dispose();
    },
  };
}

/** The network at t between two random ones; `use` has its weights for as long as it takes. */
export async function between<T>(
  model: Model,
  [from, to]: readonly [number, number],
  t: number,
  use: (weights: tf.Tensor[]) => Promise<T>,
): Promise<T> {
  const ends = [randomValues(model, from), randomValues(model, to)];
  const weights = toTensors(model.parameters, curvePoint(model.parameters, 'polychain', ends, t));
  try {
    return await use(weights);
  } finally {
    tf.dispose(weights);
  }
}
