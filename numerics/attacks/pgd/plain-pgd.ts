/** Gradient ascent on the cross-entropy alone, without anything that changes from step to step. */
import * as tf from '@tensorflow/tfjs';
import { attackLoss } from '../../losses/attack-losses.js';
import type { Norm } from '../norms/norm.js';
import { inputGradient } from '../procedure/model-under-attack.js';
import type { UnrolledProcedure } from '../procedure/procedure.js';
import { climb } from './gradient-ascent.js';

/** Settings of PGD; epsilon and step size in [0,1] pixel units of the norm. */
export interface PlainPgdSettings {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
}

/**
 * x ← project(x + stepSize · direction(∇CE(x))), `steps` times (Madry et al. 2018, section 2.1): FGSM is one step, BIM starts
 * at the image, PGD at a random point of the ball. The state is x; the result is the last one.
 */
export function plainPgd(settings: PlainPgdSettings): UnrolledProcedure {
  const { norm, steps, randomStart } = settings;
  const epsilon = () => tf.scalar(settings.epsilon);
  return {
    execution: 'unrolled',
    steps,
    initialise: ({ images }, draws) => [
      randomStart ? norm.randomStart(images, epsilon(), draws) : images,
    ],
    takeStep(batch, [x]) {
      const loss = attackLoss({ name: 'ce' }, batch.labels, null);
      const ascent = { epsilon: epsilon(), stepSize: tf.scalar(settings.stepSize) };
      const gradient = (at: tf.Tensor) => inputGradient(batch, loss, at);
      return [climb(x!, gradient, batch.images, norm, ascent)];
    },
    result: ([x]) => x!,
  };
}
