/** The images of a data set that a network classifies correctly. */
import { overBatches, type Pause } from '../../evaluation/batched.js';
import type { ResidentData } from '../../data/resident.js';
import { scores } from '../../evaluation/evaluate.js';
import { inFloat32 } from '../../graph/in-float32.js';
import type { GraphHost } from '../../graph/compile.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';

/** A network and the images that it classifies. */
export interface Classifying {
  readonly model: Model;
  readonly weights: ParameterTensors;
  readonly data: ResidentData;
  readonly batchSize: number;
}

/** Indices of the images that are classified as labelled, ascending. */
export async function correctlyClassified(
  host: GraphHost,
  { model, weights, data, batchSize }: Classifying,
  pause: Pause,
): Promise<readonly number[]> {
  const found: number[] = [];
  const forward = overBatches(host, model, data, batchSize, (w, { images, labels }) =>
    inFloat32(() => [scores(model.apply(w, images), labels)[1]]),
  );
  try {
    await forward.run(
      weights,
      ({ from, count, outputs: [wrong] }) => {
        for (let i = 0; i < count; i++) if (wrong![i] === 0) found.push(from + i);
      },
      pause,
    );
  } finally {
    forward.dispose();
  }
  return found;
}
