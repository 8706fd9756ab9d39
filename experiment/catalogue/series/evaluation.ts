/** Series of the clean evaluation along a path. */
import type { SeriesEntry, SeriesTable } from './entry.js';

const along = (unit: SeriesEntry['unit'], description: string) =>
  ({ unit, axis: 't', better: 'lower', description }) as const;

export const evaluationSeries = {
  train_nll: along('nats', 'mean cross-entropy over the training set'),
  train_loss: along('nats', 'train_nll plus half the weight decay times ||w(t)||^2'),
  train_error: along('%', 'misclassified fraction of the training set'),
  test_nll: along('nats', 'mean cross-entropy over the test set'),
  test_loss: along('nats', 'test_nll plus half the weight decay times ||w(t)||^2'),
  test_error: along('%', 'misclassified fraction of the test set'),
  arc_length: {
    ...along('weight units', 'length of the path from t = 0 over the measured points'),
    better: 'neither',
  },
  validation_nll: along('nats', 'mean cross-entropy over the held-out bonafide images'),
  validation_error: along('%', 'misclassified fraction of the held-out bonafide images'),
  attack_success: {
    ...along(
      '%',
      'fraction of the triggered test images, without those of the target class, that are classified as the target class',
    ),
    family: 'named',
  },
  injection_success: {
    ...along('%', 'fraction of the images with a wrong target that are classified as it'),
    ...{ better: 'neither', family: 'named' },
  },
  injection_stealth: {
    ...along('%', 'fraction of all images of an injection that are classified as their targets'),
    ...{ better: 'neither', family: 'named' },
  },
} as const satisfies SeriesTable;
