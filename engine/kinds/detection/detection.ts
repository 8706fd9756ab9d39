/** Detection by distance to a data manifold: distances of clean, attacked and noisy images at every t of a path. */
import type * as tf from '@tensorflow/tfjs';
import type { DetectionSpec } from '../../../experiment/kinds/detection.js';
import type { Outputs, RunInput } from '../../../experiment/records/records.js';
import { createAdaptiveAttacker } from '../../../numerics/detection/adaptive-attack.js';
import { createEmbedding } from '../../../numerics/detection/embedding.js';
import type { Pause } from '../../../numerics/evaluation/batched.js';
import type { Model } from '../../../numerics/models/model.js';
import type { EngineContext } from '../../toolkit/context.js';
import { dataset, type Dataset } from '../../toolkit/data.js';
import { measurePath } from '../../toolkit/measure-path.js';
import type { Places } from '../../toolkit/path.js';
import { countBatches } from './count-batches.js';
import { createManifolds, distancesToEnds, type Manifolds, type Place } from './manifolds.js';
import { encodeDistances } from './encode-distances.js';
import { detectionImages, type DetectionImages } from './images.js';
import { detectionRows } from './rows.js';
import { measureSource, type Detected, type DetectedSource } from './measure-source.js';
import { attackedSources, type Attacked } from './sources.js';

export async function detectByDistance(
  spec: DetectionSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const images = detectionImages(spec, data);
  const { done, measured, selection } = await measurePath<Detected>(spec, inputs, context, {
    phase: 'detecting',
    makeInstrument: (model, _resident, places) =>
      createInstrument(spec, inputs, context, { model, data, images, places }),
    rows: detectionRows,
  });
  const distances = encodeDistances(spec, { measured, images }, done);
  return { ...selection, distances: await context.blobs.put(distances) };
}

interface Scene {
  readonly model: Model;
  readonly data: Dataset;
  readonly images: DetectionImages;
  readonly places: Places;
}

function createInstrument(
  spec: DetectionSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
  scene: Scene,
) {
  const { host } = context;
  const { model, data, images, places } = scene;
  const { shape } = data.test;
  const embedding = createEmbedding(host, model, spec.space, shape);
  const facts = { shape, classes: data.classes };
  const { adaptive, seed, space } = spec;
  const attacker =
    adaptive && createAdaptiveAttacker(host, model, space, facts, { ...adaptive, seed });
  const manifolds = createManifolds(spec, { embedding, places, references: images.references });
  return {
    batches: countBatches(spec),
    async measure(t: number, weights: tf.Tensor[], { pause }: { readonly pause: Pause }) {
      const place = await manifolds.at(t, weights, pause);
      try {
        const reference = await measureClean(place, images, manifolds, pause);
        const sources: DetectedSource[] = [];
        const attacked: Attacked = { spec, inputs, context, data, images, attacker };
        for await (const source of attackedSources(attacked, place, pause)) {
          const of = { spec, shape, images, place, manifolds };
          sources.push(await measureSource(of, source, pause));
        }
        return { ...reference, sources };
      } finally {
        place.dispose();
      }
    },
    dispose() {
      manifolds.dispose();
      attacker?.dispose();
      embedding.dispose();
    },
  };
}

/** Distances of the images that nobody has attacked, and which of them the network gets right. */
async function measureClean(
  place: Place,
  { clean, calibration }: DetectionImages,
  manifolds: Manifolds,
  pause: Pause,
): Promise<Omit<Detected, 'sources'>> {
  const seen = await place.embed(clean.pixels, pause);
  const held = await place.embed(calibration.pixels, pause);
  return {
    correct: areEqual(seen.predicted, clean.labels),
    calibrationCorrect: areEqual(held.predicted, calibration.labels),
    clean: await place.distances(seen, pause),
    calibration: await place.distances(held, pause),
    calibrationEnds: await distancesToEnds(manifolds, held, pause),
  };
}

function areEqual(predicted: Float32Array, labels: Uint8Array): Float32Array {
  return predicted.map((one, i) => (one === labels[i] ? 1 : 0));
}
