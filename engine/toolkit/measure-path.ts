/** Shared loop of measurements along a path: load the images, create the tool, visit every t. */
import type * as tf from '@tensorflow/tfjs';
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import type { SeriesRow } from '../../experiment/records/rows.js';
import type { MeasurementSpec } from '../../experiment/specs/path.js';
import type { Pause } from '../../numerics/evaluation/batched.js';
import { inOrder } from '../../numerics/data/batches.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import type { ResidentData } from '../../numerics/data/resident.js';
import type { Model } from '../../numerics/models/model.js';
import { networkFor } from '../networks/network-for.js';
import type { EngineContext } from './context.js';
import { dataset, type Dataset, firstImages, withResident } from './data.js';
import { alongPath, loadPath, placesOn, type Places } from './path.js';
import { resumablePoints } from './resumable-points.js';
import { saveSelection, selectBonafide, selectEvaluation, type Selected } from './selection.js';
import { withStatistics } from './statistics.js';

/** One point, at which an attempt may have begun before. */
interface Turn<Within> {
  /** To be called after every batch: others see progress, and may end the work there. */
  readonly pause: Pause;
  /** How far an earlier attempt came; null: not at all. */
  readonly within: Within | null;
  /** The point can go on from here: plain data and Float32Arrays, copied at once. */
  readonly reached: (within: Within) => void;
}

interface Instrument<Result, Within> {
  /** Most batches that one point takes, for progress. */
  readonly batches: number;
  /** Plain data and Float32Arrays: it goes through checkpoints. */
  measure(t: number, weights: tf.Tensor[], turn: Turn<Within>): Promise<Result>;
  dispose(): void;
}

export interface Measurement<Result, Within> {
  readonly phase: string;
  readonly makeInstrument: (
    model: Model,
    images: ResidentData,
    places: Places,
  ) => Instrument<Result, Within>;
  readonly rows: (t: number, result: Result) => readonly SeriesRow[];
}

/** The test images (or training images) that were measured. */
export interface MeasuredImages {
  /** Index of each in its split of the data set. */
  readonly indices: Int32Array;
  readonly labels: Uint8Array;
  readonly shape: ImageShape;
}

export interface Measured<Result> {
  readonly done: readonly Result[];
  readonly measured: MeasuredImages;
  /** Outputs: none where the sets are whole. */
  readonly selection: Outputs;
}

/** The images that are measured, the first of them at most: a part of the test images, or a whole split. */
function selectSource(data: Dataset, { split = 'test', cut }: MeasurementSpec) {
  const evaluation = split === 'test' ? selectEvaluation(data, cut) : null;
  return { source: evaluation?.images ?? data[split], evaluation };
}

/** The results of every t, those of earlier attempts among them, and the artifact of what was selected. */
export async function measurePath<Result, Within = never>(
  spec: MeasurementSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
  { phase, makeInstrument, rows }: Measurement<Result, Within>,
): Promise<Measured<Result>> {
  const data = await dataset(context, spec.dataset);
  const { classes } = data;
  const { source, evaluation } = selectSource(data, spec);
  const model = await networkFor(context, spec.model, source.shape, classes);
  const path = await loadPath(context, model, spec, inputs);
  const points = await resumablePoints<Result, Within>(context);
  const done = [...points.from.done];
  context.metrics(done.flatMap((result, i) => rows(spec.t[i]!, result)));
  await withStatistics(context, { model, spec, inputs, data }, (statisticsAt) =>
    withResident(firstImages(source, spec.images), classes, async (images) => {
      const places = placesOn(path, model, statisticsAt);
      const instrument = makeInstrument(model, images, places);
      const { batches } = instrument;
      const total = batches * spec.t.length;
      let { step } = points;
      let { within } = points.from;
      const visit = async (t: number, weights: tf.Tensor[], i: number): Promise<void> => {
        const pause = (): Promise<void> => {
          step = Math.min(step + 1, batches * (i + 1));
          context.progress(step, total, phase);
          return context.pause();
        };
        const reached = (now: Within): void => {
          // It is encoded later, when what the instrument holds may have changed.
          points.reached(step, total, { done, within: structuredClone(now) });
        };
        const result = await instrument.measure(t, weights, { pause, within, reached });
        done.push(result);
        within = null;
        step = batches * (i + 1);
        context.metrics(rows(t, result));
        context.progress(step, total, phase);
        points.reached(step, total, { done, within });
      };
      try {
        await alongPath(
          path,
          { model, ts: spec.t, first: done.length, statisticsAt },
          (t, weights, _values, i) => visit(t, weights, i),
        );
      } finally {
        instrument.dispose();
        places.dispose();
      }
    }),
  );
  const statistics = selectBonafide(data, spec.statisticsFrom, 'statistics');
  const measured = measuredImages(firstImages(source, spec.images), evaluation);
  return {
    done,
    measured,
    selection: await saveSelection(context, spec.dataset, [evaluation, statistics]),
  };
}

function measuredImages(images: LabelledImages, evaluation: Selected | null): MeasuredImages {
  const { count, labels, shape } = images;
  const indices = (evaluation?.indices ?? inOrder(count)).slice(0, count);
  return { indices, labels, shape };
}
