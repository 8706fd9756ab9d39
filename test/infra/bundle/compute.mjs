/**
 * node compute.mjs APPLICATION DEVICE: loads what an engine loads from this application root, computes eagerly and in
 * a captured graph, and prints versions and digests of the results.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [application, device] = process.argv.slice(2);
const load = (path) => import(join(application, '.isthmus/build', path));

const { startTensorFlow } = await load('engine/process/tensorflow.js');
const { compile } = await load('numerics/graph/compile.js');
const { imageGradient } = await load('numerics/losses/training-loss.js');
const { weightSpecs } = await load('numerics/models/model.js');
const { modelFor } = await load('numerics/models/registry.js');
// An engine loads these when the first run arrives.
await load('engine/kinds/index.js');
await load('stores/blobs/s3-objects.js');
await load('bench/isthmus/prepare.js');
const tf = createRequire(join(application, 'package.json'))('@tensorflow/tfjs');

function waves(shape, scale) {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i)),
    shape,
  );
}

function sha256(tensor) {
  return createHash('sha256').update(new Uint8Array(tensor.dataSync().buffer)).digest('hex');
}

function eager() {
  const product = tf.matMul(waves([96, 128], 1), waves([128, 64], 1));
  const convolved = tf.conv2d(waves([4, 16, 16, 3], 1), waves([3, 3, 3, 8], 1), 1, 'same');
  return { product: sha256(product), convolved: sha256(convolved) };
}

/** Gradient of the loss of cnn-small with respect to images. */
function captured(host) {
  const model = modelFor('cnn-small', [28, 28, 1], 10);
  const weights = weightSpecs(model).map(({ shape }) => waves(shape, 0.1));
  const labels = tf.cast(tf.oneHot(tf.range(0, 8, 1, 'int32'), 10), 'float32');
  const images = waves([8, 28, 28, 1], 0.5);
  const examples = [...weights, images];
  const gradient = compile(
    host,
    (...inputs) => [imageGradient(model, inputs.slice(0, -1), labels)(inputs.at(-1))],
    examples,
  );
  return { gradient: sha256(gradient(...examples)[0]) };
}

const { version, usesGpu, host } = await startTensorFlow(device, '/tmp/isthmus-graphs');
console.log(JSON.stringify({ version, usesGpu, ...eager(), ...captured(host) }));
