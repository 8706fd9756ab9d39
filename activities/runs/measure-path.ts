/** What attacks and spectra share: the first images resident, a tool made for them, every t visited. */
import type * as tf from '@tensorflow/tfjs';
import type { MetricRow, RunInput } from '../../experiment/records.js';
import type { AttackSpec, SpectrumSpec } from '../../experiment/runs.js';
import type { Pause } from '../../numerics/batched.js';
import type { ResidentData } from '../../numerics/data/resident.js';
import { modelFor, type Model } from '../../numerics/models/model.js';
import type { EngineContext } from './context.js';
import { dataset, firstImages, withResident } from './data.js';
import { alongPath, loadPath } from './path.js';
import { withStatistics } from './statistics.js';

export interface Instrument {
  /** Most batches that one point takes, for progress. */
  readonly batches: number;
  /** Calls `pause` after every batch: others see progress, and may end the work there. */
  measure(t: number, weights: tf.Tensor[], pause: Pause): Promise<readonly MetricRow[]>;
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
  const { classes } = data;
  const source = data['split' in spec ? spec.split : 'test'];
  const model = modelFor(spec.model, source.shape, classes);
  const path = await loadPath(context, model, spec, inputs);
  await withStatistics(context, model, spec, inputs, data, (statisticsAt) =>
    withResident(firstImages(source, spec.images), classes, async (images) => {
      const instrument = makeInstrument(model, images);
      const { batches } = instrument;
      const total = batches * spec.t.length;
      try {
        await alongPath(path, model, spec.t, statisticsAt, async (t, weights, _values, i) => {
          let done = batches * i;
          const pause = (): Promise<void> => {
            done = Math.min(done + 1, batches * (i + 1));
            context.progress(done, total, phase);
            return context.pause();
          };
          context.metrics(await instrument.measure(t, weights, pause));
          context.progress(batches * (i + 1), total, phase);
        });
      } finally {
        instrument.dispose();
      }
    }),
  );
}
