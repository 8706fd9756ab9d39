/** Looks for catastrophic overfitting between the steps of a fast adversarial training. */
import * as tf from '@tensorflow/tfjs';
import type { EndpointSpec } from '../../experiment/kinds/endpoint.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import type { Pause } from '../../numerics/evaluation/batched.js';
import type { Model } from '../../numerics/models/model.js';
import {
  CatastrophicOverfittingError,
  createOverfittingCheck,
  isCheckDue,
  isOverfitted,
  type OverfittingCheck,
} from '../../numerics/training/overfitting-check.js';
import type { EngineContext } from './context.js';
import { attackBatch, firstImages, withResident } from './data.js';
import type { ResumableSteps } from './resumable-steps.js';

/** A training and the images that it does not see. */
interface Checked {
  readonly model: Model;
  readonly spec: Pick<EndpointSpec, 'adversarial' | 'seed'>;
  readonly heldOut: LabelledImages;
  readonly classes: number;
}

/** Called when steps have been taken and can be resumed from; `weights` gives those reached, the caller's to dispose of. */
export type CheckAfter = (step: number, total: number, weights: () => tf.Tensor[]) => Promise<void>;

const images = 250;

/** `use` trains with a check after its calls, which does nothing where the training has none. */
export async function withOverfittingCheck<T>(
  context: EngineContext,
  { model, spec, heldOut, classes }: Checked,
  { lastRecorded, record }: Pick<ResumableSteps, 'lastRecorded' | 'record'>,
  use: (check: CheckAfter) => Promise<T>,
): Promise<T> {
  const { adversarial, seed } = spec;
  if (adversarial?.overfitting === undefined) return use(() => Promise.resolve());
  const some = firstImages(heldOut, Math.min(images, heldOut.count));
  return withResident(some, classes, async (data) => {
    const batching = { seed, batchSize: attackBatch };
    const check = createOverfittingCheck(context.host, model, adversarial, data, batching);
    const pause = () => context.pause();
    let checked = lastRecorded('held_out_pgd_accuracy');
    try {
      return await use(async (step, total, weights) => {
        if (!isCheckDue(checked, step, total, adversarial.warmup)) return;
        checked = step;
        const found = await measured(check, weights(), pause);
        record('held_out_fgsm_accuracy', step, found.fgsm);
        record('held_out_pgd_accuracy', step, found.pgd);
        if (adversarial.overfitting === 'fail' && isOverfitted(found))
          throw new CatastrophicOverfittingError(step, found);
      });
    } finally {
      check.dispose();
    }
  });
}

async function measured(check: OverfittingCheck, weights: tf.Tensor[], pause: Pause) {
  try {
    return await check.measure(weights, pause);
  } finally {
    tf.dispose(weights);
  }
}
