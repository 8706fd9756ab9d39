/** The manifold at every t: fitted once in pixels; in a space of the network anew at each t, and at both ends to compare. */
import * as tf from '@tensorflow/tfjs';
import type { DetectionSpec } from '../../../experiment/kinds/detection.js';
import { buildDetector } from '../../../numerics/detection/build-detector.js';
import {
  distancesTo,
  pointsTensor,
  type Detector,
  type Points,
} from '../../../numerics/detection/detector.js';
import type { Embedded, Embedding } from '../../../numerics/detection/embedding.js';
import type { Pause } from '../../../numerics/evaluation/batched.js';
import type { ParameterTensors } from '../../../numerics/models/parameters.js';
import type { Places } from '../../toolkit/path.js';

/** A detector; null where the network is so far gone that its points are no numbers. */
interface Manifold {
  readonly detector: Detector | null;
  /** NaN for points that are no numbers, and wherever there is no detector. */
  distances(points: Points, pause: Pause): Promise<Float32Array>;
}

/** The manifold at one t, and the network there. */
export interface Place extends Manifold {
  readonly t: number;
  readonly weights: ParameterTensors;
  embed(images: Float32Array, pause: Pause): Promise<Embedded>;
  dispose(): void;
}

/** By the manifolds of the first and of the last t. */
export interface Ends<T> {
  readonly start: T;
  readonly end: T;
}

export interface Manifolds {
  at(t: number, weights: tf.Tensor[], pause: Pause): Promise<Place>;
  /** Null in pixels, where the manifold is the same everywhere. Filled by the first call of `at`. */
  readonly ends: Ends<Manifold> | null;
  dispose(): void;
}

interface Around {
  readonly embedding: Embedding;
  readonly places: Places;
  /** [n · h · w · c]. */
  readonly references: Float32Array;
}

export function createManifolds(
  spec: DetectionSpec,
  { embedding, places, references }: Around,
): Manifolds {
  const fit = async (weights: ParameterTensors, pause: Pause): Promise<Manifold> => {
    const points = await embedding.embed(weights, references, pause);
    return fitted(spec, points);
  };
  const fitAt = async (t: number, pause: Pause): Promise<Manifold> => {
    const weights = await places.at(t);
    return fit(weights, pause).finally(() => tf.dispose(weights));
  };
  const inPixels = spec.space === 'pixels';
  const fitEnds = async (pause: Pause): Promise<Ends<Manifold>> => {
    const start = await fitAt(spec.t[0]!, pause);
    return { start, end: inPixels ? start : await fitAt(spec.t.at(-1)!, pause) };
  };
  const keptAt = ({ start, end }: Ends<Manifold>, t: number): Manifold | null => {
    if (inPixels || t === spec.t[0]) return start;
    return t === spec.t.at(-1) ? end : null;
  };
  let ends: Ends<Manifold> | null = null;
  return {
    get ends() {
      return inPixels ? null : ends;
    },
    async at(t, weights, pause) {
      ends ??= await fitEnds(pause);
      const kept = keptAt(ends, t);
      const here = kept ?? (await fit(weights, pause));
      return {
        ...{ ...here, t, weights },
        embed: (images, after) => embedding.embed(weights, images, after),
        dispose: () => (kept ? undefined : here.detector?.dispose()),
      };
    },
    dispose() {
      ends?.start.detector?.dispose();
      if (ends?.end !== ends?.start) ends?.end.detector?.dispose();
    },
  };
}

/** Distances to the manifolds of both ends; null in pixels. */
export async function distancesToEnds(
  { ends }: Manifolds,
  points: Points,
  pause: Pause,
): Promise<Ends<Float32Array> | null> {
  if (ends === null) return null;
  const start = await ends.start.distances(points, pause);
  return { start, end: await ends.end.distances(points, pause) };
}

function fitted({ detector: asked }: DetectionSpec, points: Points): Manifold {
  if (!points.values.every(Number.isFinite)) return { detector: null, distances: noDistances };
  const detector = withTensor(points, (references) => buildDetector(asked, references));
  const distances: Manifold['distances'] = (of, pause) =>
    of.values.every(Number.isFinite) ? distancesTo(detector, of, pause) : noDistances(of);
  return { detector, distances };
}

function withTensor<T>(points: Points, use: (tensor: tf.Tensor2D) => T): T {
  const tensor = pointsTensor(points);
  try {
    return use(tensor);
  } finally {
    tensor.dispose();
  }
}

async function noDistances({ values, dimension }: Points): Promise<Float32Array> {
  return new Float32Array(values.length / dimension).fill(NaN);
}
