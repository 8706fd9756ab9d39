/** A detection of an experiment file: an estimator of the distance, and what it is to detect. */
import { z } from 'zod';
import { ascent } from '../ascent.js';
import { detectionSpaces, estimators, type DetectorSpec } from './detector.js';
import { entryName, name, seed } from '../fields.js';

/** Projected gradient ascent on CE - lambda * distance under linf. */
const adaptive = z
  .strictObject({
    ...ascent,
    lambdas: z
      .array(z.number().min(0).max(1e6))
      .min(1)
      .max(20)
      .default([0, 0.1, 1, 10])
      .describe('weights of the distance, in nats per unit of distance; ascending'),
  })
  .refine(({ lambdas }) => lambdas.every((one, i) => i === 0 || one > lambdas[i - 1]!), {
    path: ['lambdas'],
    message: 'write each weight once, in ascending order',
  })
  .describe('an attacker who knows the detector: ascends CE - lambda * distance, in l-infinity');

const common = {
  space: z
    .enum(detectionSpaces)
    .default('pixels')
    .describe(
      'where the manifold lies: pixels, the input of the last dense layer (penultimate), or logits; of the network, it is estimated anew at every t',
    ),
  references: z
    .int()
    .min(2)
    .default(10_000)
    .describe('number of training images, drawn by the seed, that the manifold is estimated from'),
  calibration: z
    .int()
    .min(20)
    .default(2000)
    .describe('number of clean test images that decide thresholds, those after the attacked ones'),
  attacks: z
    .array(entryName)
    .default([])
    .describe(
      'attacks of this file with keepImages; a name stands for all that a sweep made of it',
    ),
  backdoors: z
    .array(name)
    .default([])
    .describe('backdoors of this file, whose triggered images are to be detected'),
  adaptive: adaptive.optional(),
  images: z
    .int()
    .min(2)
    .optional()
    .describe(
      'number of attacked test images, from the first (default: as many as the attacks have)',
    ),
  points: z
    .int()
    .min(2)
    .max(1001)
    .optional()
    .describe('equally spaced values of t (default: those of the attacks; without any, 11)'),
  seed: seed.default(1).describe('of the choice of references, and of the noise'),
};

const [first, ...others] = [
  z.strictObject({ ...estimators.nearest, ...common }),
  z.strictObject({ ...estimators.lle, ...common }),
  z.strictObject({ ...estimators.pca, ...common }),
  z.strictObject({ ...estimators['local-pca'], ...common }),
  z.strictObject({ ...estimators['kernel-density'], ...common }),
] as const;

export const detection = z
  .discriminatedUnion('estimator', [first, ...others])
  .refine(
    (asked) =>
      asked.estimator !== 'pca' || asked.components === undefined || asked.variance === undefined,
    { path: ['variance'], message: 'give components or variance, not both' },
  )
  .refine((asked) => asked.estimator !== 'local-pca' || asked.components < asked.k, {
    path: ['components'],
    message: 'k neighbours have fewer than k components: give fewer, or a larger k',
  })
  .refine((asked) => !('k' in asked) || asked.k <= asked.references, {
    path: ['k'],
    message: 'there are fewer references than neighbours: give fewer, or more references',
  })
  .refine(
    ({ attacks, backdoors, adaptive: own }) =>
      attacks.length + backdoors.length > 0 || own !== undefined,
    {
      path: ['attacks'],
      message: 'say what to detect: name attacks or backdoors, or give adaptive',
    },
  );

export type DetectionConfig = z.output<typeof detection>;

const defaultVariance = 0.95;

/** The estimator alone, as runs know it. */
export function detectorOf(asked: DetectionConfig): DetectorSpec {
  switch (asked.estimator) {
    case 'nearest':
      return { estimator: asked.estimator, k: asked.k, norm: asked.norm };
    case 'lle':
      return { estimator: asked.estimator, k: asked.k, regulariser: asked.regulariser };
    case 'pca': {
      const { estimator, components, variance = defaultVariance } = asked;
      return components === undefined ? { estimator, variance } : { estimator, components };
    }
    case 'local-pca':
      return { estimator: asked.estimator, k: asked.k, components: asked.components };
    case 'kernel-density':
      return { estimator: asked.estimator, bandwidth: asked.bandwidth };
    default:
      throw new Error(`unknown estimator ${JSON.stringify(asked satisfies never)}`);
  }
}
