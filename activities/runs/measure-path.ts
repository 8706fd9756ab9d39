/** What attacks and spectra share: the first test images resident, a tool made for them, every t visited. */
import type * as tf from '@tensorflow/tfjs';
import type { MetricRow, RunInput } from '../../experiment/records.js';
import type { AttackSpec, SpectrumSpec } from '../../experiment/runs.js';
import type { ResidentData } from '../../numerics/data/resident.js';
import { modelFor, type Model } from '../../numerics/models/model.js';
import type { EngineContext } from './context.js';
import { dataset, firstImages, withResident } from './data.js';
import { alongPath, loadPath } from './path.js';
import { withStatistics } from './statistics.js';

export interface Instrument {
  measure(t: number, weights: tf.Tensor[]): Promise<readonly MetricRow[]>;
  dispose(): void;
}

export async function measurePath(
  spec: AttackSpec | SpectrumSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
  phase: string,
  makeInstrument: (model: Model, images: ResidentData) => Instrument,
): Promise<void> {
  const data = await dataset(context, spec.dataset);
  const { test, classes } = data;
  const model = modelFor(spec.model, test.shape, classes);
  const path = await loadPath(context, model, spec, inputs);
  await withStatistics(context, model, spec, inputs, data, (statisticsAt) =>
    withResident(firstImages(test, spec.images), classes, async (images) => {
      const instrument = makeInstrument(model, images);
      try {
        await alongPath(path, model, spec.t, statisticsAt, async (t, weights, _values, i) => {
          context.metrics(await instrument.measure(t, weights));
          context.progress(i + 1, spec.t.length, phase);
        });
      } finally {
        instrument.dispose();
      }
    }),
  );
}
