/** What a spectrum run needs to know, from the configuration; what is absent is not in the key. */
import {
  publishedBatchSize,
  type SpectrumConfig,
  type WeightSpectrumConfig,
} from '../../config/spectrum.js';
import type {
  InputSpectrumSpec,
  PathSpec,
  WeightSpectrumSpec,
} from '../../records/measurements.js';
import { inNumbers } from '../../in-numbers.js';

type OfPath = keyof PathSpec | 'dataset' | 'model';

/** As the paper's driver sets them (IBM/model-sanitization, Hessian/hessian_eig_driver.py). */
const published = {
  batchSize: publishedBatchSize,
  reduction: 'mean',
  maxSteps: 10,
  tolerance: 1e-2,
} as const;

export function inputSpectrum(config: SpectrumConfig): Omit<InputSpectrumSpec, OfPath> {
  const { seed, operator, images, maxSteps, tolerance, top, meanHessian, compat } = config;
  const { gradients, prediction } = config;
  return {
    kind: 'spectrum',
    variable: 'inputs',
    ...{ seed, operator, images, maxSteps, tolerance },
    ...(top === undefined ? {} : { top }),
    ...(meanHessian === true ? { meanHessian } : {}),
    ...(gradients === true ? { gradients } : {}),
    ...(prediction === undefined ? {} : { prediction: inNumbers(prediction) }),
    ...(compat === 'published' ? { published } : {}),
  };
}

export function weightSpectrum(config: WeightSpectrumConfig): Omit<WeightSpectrumSpec, OfPath> {
  const { seed, split, images, top, maxSteps, tolerance, trace, density } = config;
  return {
    kind: 'spectrum',
    variable: 'weights',
    reduction: 'mean',
    ...{ seed, split, images, top, maxSteps, tolerance },
    ...(trace === undefined ? {} : { trace }),
    ...(density === undefined ? {} : { density }),
  };
}
