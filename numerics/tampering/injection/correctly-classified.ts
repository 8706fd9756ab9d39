/** Which images of a data set a network classifies correctly. */
import { overBatches, type Pause } from '../../evaluation/batched.js';
import type { ResidentData } from '../../data/resident.js';
import { scores } from '../../evaluation/evaluate.js';
import { exactly } from '../../graph/in-float32.js';
import type { GraphHost } from '../../graph/compile.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';

/** Their indices, ascending. */
export async function correctlyClassified(
  host: GraphHost,
  model: Model,
  data: ResidentData,
  batchSize: number,
  weights: ParameterTensors,
  pause: Pause,
): Promise<readonly number[]> {
  const found: number[] = [];
  const forward = overBatches(host, model, data, batchSize, (w, { images, labels }) =>
    exactly(() => [scores(model.apply(w, images), labels)[1]]),
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
