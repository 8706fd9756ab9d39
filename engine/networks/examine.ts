/** Examines the module of a user's network before anything is trained with it. */
import * as tf from '@tensorflow/tfjs';
import type { Examined, ModuleQuestion } from '../../experiment/config/network-module.js';
import type { ModuleModel } from '../../experiment/catalogue/models/own-model.js';
import { canonical } from '../../experiment/canonical.js';
import { UserError } from '../../experiment/errors.js';
import {
  imageProductGraph,
  parameterProductGraph,
} from '../../numerics/curvature/operators/hessian.js';
import { makeResident } from '../../numerics/data/resident.js';
import { capture } from '../../numerics/graph/capture.js';
import { ancestors, edgeNode, type Graph } from '../../numerics/graph/graph.js';
import { NoTangentError } from '../../numerics/graph/tangent-rules/rule.js';
import { imageGradient, lossAndGradients } from '../../numerics/losses/training-loss.js';
import { functionNetwork } from '../../numerics/models/function-network.js';
import type { Model } from '../../numerics/models/model.js';
import { parameterSize, toTensors } from '../../numerics/models/parameters.js';
import { stream } from '../../numerics/random.js';
import { graphDigest } from '../process/graph-files.js';
import { countProducts } from './count-products.js';
import { blamed, loadModule, type NetworkModule } from './load-module.js';

/** TensorFlow has been started. Never throws for a mistake of the module: it is refused. */
export async function examine({ text, ...input }: ModuleQuestion): Promise<Examined> {
  try {
    const first = await loadModule(text, input, 1);
    if (first.kind === 'layers') {
      const plain = await blamed('layers', () => JSON.stringify(first.layers));
      return { kind: 'layers', layers: JSON.parse(plain) as unknown };
    }
    const again = () => loadModule(text, input, 2);
    return { kind: 'function', facts: await examineFunction(first, again, input) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { kind: 'refused', message: error.message };
  }
}

type FunctionModule = Extract<NetworkModule, { kind: 'function' }>;

async function examineFunction(
  first: FunctionModule,
  evaluateAgain: () => Promise<NetworkModule>,
  images: Images,
): Promise<Omit<ModuleModel, 'name' | 'module'>> {
  const { parameters } = first;
  refuseLarge(parameters);
  const { classes } = images;
  const model = functionNetwork({ name: 'network', classes, ...first });
  const digest = await capturedDigest(model, images);
  const again = await evaluateAgain();
  const isSame =
    again.kind === 'function' &&
    canonical(again.parameters) === canonical(parameters) &&
    // The first one again as well: it may have kept a state.
    (await capturedDigest(model, images)) === digest &&
    (await capturedDigest(functionNetwork({ ...again, name: 'network', classes }), images)) ===
      digest;
  if (!isSame) {
    throw refuse(
      'is not a pure function: called twice it gives two graphs (no Math.random, no time, no state between calls)',
    );
  }
  await refuseMixing(model, images);
  return {
    input: images,
    parameters,
    products: products(model, images),
    drops: drops(model, images),
    withoutTangent: secondDerivatives(model, images),
  };
}

const batch = 2;
/** As float32: what one safetensors file is read up to. */
const mostValues = 2 ** 29;

function refuseLarge(parameters: FunctionModule['parameters']): void {
  const count = parameters.reduce((sum, spec) => sum + parameterSize(spec), 0);
  if (count > mostValues) throw refuse(`has ${count} parameters; at most ${mostValues}`);
}

type Images = ModuleModel['input'];

function zeroWeights(model: Model): tf.Tensor[] {
  return model.parameters.map(({ shape }) => tf.zeros([...shape]));
}

/** Digests of the graphs of logits and gradients. */
async function capturedDigest(model: Model, { shape, classes }: Images): Promise<string> {
  const inputs = [...zeroWeights(model), tf.zeros([batch, ...shape]), tf.zeros([batch, classes])];
  const n = model.parameters.length;
  try {
    const logits = await blamed('forward', () =>
      capture((...given) => [model.apply(given.slice(0, n), given[n]!)], inputs),
    );
    refuseUnused(model, logits);
    const gradients = await blamed('the gradient of forward', () =>
      capture((...given) => {
        const [weights, images, labels] = [given.slice(0, n), given[n]!, given[n + 1]!];
        const ones = tf.ones([batch]);
        const found = lossAndGradients(model, weights, { images, labels, weights: ones });
        return [...found.gradients, imageGradient(model, weights, labels)(images)];
      }, inputs),
    );
    return [logits, gradients].map(({ nodes }) => graphDigest(nodes)).join(' ');
  } finally {
    tf.dispose(inputs);
  }
}

/** An input on which logits do not depend has no gradient. */
function refuseUnused({ parameters }: Model, { nodes, inputs, outputs }: Graph): void {
  const used = new Set(ancestors(nodes, outputs).map(({ name }) => name));
  const names = [...parameters.map(({ name }) => `parameter ${name}`), 'images'];
  const unused = names.find((_, i) => !used.has(edgeNode(inputs[i]!)));
  if (unused !== undefined) throw refuse(`does not use the ${unused}`);
}

/** Logits of an image must not depend on the images beside it: batches are of any size. */
async function refuseMixing(model: Model, { shape }: Images): Promise<void> {
  const largest = await blamed('forward', () =>
    tf.tidy(() => {
      const weights = toTensors(model.parameters, model.initial(stream(1, 'init', 0)));
      const pixels = Float32Array.from({ length: 2 * product(shape) }, (_, i) => (i % 97) / 97);
      const images = tf.tensor(pixels, [2, ...shape]);
      const both = model.apply(weights, images);
      const alone = tf.concat(tf.split(images, 2).map((one) => model.apply(weights, one)));
      const scale = tf.add(tf.max(tf.abs(both)), 1e-6);
      return tf.div(tf.max(tf.abs(tf.sub(both, alone))), scale).dataSync()[0]!;
    }),
  );
  if (largest < 1e-3 || Number.isNaN(largest)) return;
  throw refuse('gives an image other logits when other images are in its batch');
}

function products(model: Model, { shape }: Images): number {
  return countProducts(() => void model.apply(zeroWeights(model), tf.zeros([1, ...shape])));
}

function drops(model: Model, { shape }: Images): boolean {
  let asked = false;
  const drop = (x: tf.Tensor): tf.Tensor => {
    asked = true;
    return x;
  };
  const observe = (): void => undefined;
  tf.tidy(
    () => void model.train!(zeroWeights(model), tf.zeros([batch, ...shape]), { drop, observe }),
  );
  return asked;
}

function secondDerivatives(model: Model, images: Images): ModuleModel['withoutTangent'] {
  const { shape, classes } = images;
  const pixels = new Uint8Array(batch * product(shape));
  const labelled = { count: batch, shape, pixels, labels: new Uint8Array(batch) };
  const data = makeResident(labelled, classes);
  try {
    return {
      images: reason(() => imageProductGraph(model, data, batch)),
      weights: reason(() => parameterProductGraph(model, data, batch)),
    };
  } finally {
    data.dispose();
  }
}

function reason(make: () => unknown): string | null {
  try {
    make();
    return null;
  } catch (error) {
    if (error instanceof NoTangentError) return error.op;
    throw error;
  }
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

function refuse(what: string): UserError {
  return new UserError('bad-input', what);
}
