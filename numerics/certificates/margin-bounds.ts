/** Certificates of a batch: lower bounds of the margins over all images within ε. */
import type * as tf from '@tensorflow/tfjs';
import type { CertificateMethod } from '../../experiment/catalogue/certificate-methods.js';
import { implicitHead, lastDense } from '../../experiment/catalogue/models/certifiable.js';
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import { lipschitzMargin, type CertifiedBatch } from './implicit-head.js';
import { pixelBox, type Interval } from './interval.js';
import { intervalForward, type IntervalPass } from './layer-rules.js';
import { boxMargins, relativeMargins, smallestMargin } from './margins.js';

/** Layers and their weights by name; the last layer is dense. */
export interface CertifiedNetwork {
  readonly layers: readonly LayerRecord[];
  readonly pass: IntervalPass;
}

/**
 * For each method a lower bound [batch] of the smallest margin z_y - z_j, j ≠ y, over all images within ε of each one
 * and within the pixel range: above 0 none of them is misclassified. Throws for layers without a certificate.
 */
export function marginBounds(
  network: CertifiedNetwork,
  batch: CertifiedBatch,
  methods: readonly CertificateMethod[],
): tf.Tensor[] {
  const { layers, pass } = network;
  const { labels } = batch;
  // Both boxes are of the same features, which are found once.
  const features = methods.every((one) => one === 'lipschitz') ? null : featureBox(network, batch);
  return methods.map((method) => {
    switch (method) {
      case 'box': {
        const logits = intervalForward(layers.slice(-1), features!, pass);
        return smallestMargin(boxMargins(logits, labels), labels);
      }
      case 'relative':
        return smallestMargin(relative(network, features!, labels), labels);
      case 'lipschitz': {
        const head = implicitHead(layers);
        if (head === null) throw new Error('lipschitz takes an implicit layer and a dense one');
        return lipschitzMargin(head, pass.weight, batch);
      }
      default:
        throw new Error(`unknown certificate ${String(method satisfies never)}`);
    }
  });
}

/** The lower bound of every margin within ε by the relative classifier, [batch, classes], 0 at the class itself. */
export function relativeMarginBounds(network: CertifiedNetwork, batch: CertifiedBatch): tf.Tensor {
  return relative(network, featureBox(network, batch), batch.labels);
}

function featureBox({ layers, pass }: CertifiedNetwork, batch: CertifiedBatch): Interval {
  return intervalForward(layers.slice(0, -1), pixelBox(batch.images, batch.epsilon), pass);
}

function relative(
  { layers, pass }: CertifiedNetwork,
  features: Interval,
  labels: tf.Tensor,
): tf.Tensor {
  const last = lastDense(layers);
  if (last === null) throw new Error('the last layer is not dense: it has no relative classifier');
  const [weight, bias] = ['weight', 'bias'].map((what) => pass.weight(`${last.name}.${what}`));
  return relativeMargins(features, weight!, bias!, labels);
}
