/** Distances of one source of attacked images, and of noise of the same size. */
import type { DetectionSpec } from '../../../experiment/kinds/detection.js';
import { noisyImages } from '../../../numerics/detection/noise-control.js';
import type { Pause } from '../../../numerics/evaluation/batched.js';
import type { DetectionImages } from './images.js';
import { distancesToEnds, type Ends, type Manifolds, type Place } from './manifolds.js';
import type { Source } from './sources.js';

/** Everything that one t gives; plain data and Float32Arrays. */
export interface Detected {
  /** 1 where the network is right about the clean image, else 0, [images]. */
  readonly correct: Float32Array;
  /** The same of the calibration images, [calibration]. */
  readonly calibrationCorrect: Float32Array;
  /** Distances of the clean images, [images]. */
  readonly clean: Float32Array;
  /** Distances of the calibration images, [calibration]. */
  readonly calibration: Float32Array;
  /** The same to the manifolds of both ends; null in pixels. */
  readonly calibrationEnds: Ends<Float32Array> | null;
  readonly sources: readonly DetectedSource[];
}

/** By image, [images] each. */
export interface DetectedSource {
  readonly name: string;
  /** 1 where the image is an attacked one that counts, else 0. */
  readonly counts: Float32Array;
  /** 1 where the network is wrong about it, else 0. */
  readonly wrong: Float32Array;
  readonly attacked: Float32Array;
  /** Null: not compared with noise. */
  readonly noise: Float32Array | null;
  /** To the manifolds of both ends; null in pixels. */
  readonly ends: Ends<Float32Array> | null;
}

interface MeasuredAt {
  readonly spec: DetectionSpec;
  readonly shape: readonly [number, number, number];
  readonly images: DetectionImages;
  readonly place: Place;
  readonly manifolds: Manifolds;
}

export async function measureSource(
  { spec, shape, images, place, manifolds }: MeasuredAt,
  { name, pixels, counts, noise }: Source,
  pause: Pause,
): Promise<DetectedSource> {
  const seen = await place.embed(pixels, pause);
  const noisy = async (): Promise<Float32Array | null> => {
    if (noise === null) return null;
    const pair = { clean: images.clean.pixels, attacked: pixels, shape };
    const control = await noisyImages(pair, noise, spec.seed, pause);
    return place.distances(await place.embed(control, pause), pause);
  };
  return {
    name,
    counts: Float32Array.from(counts),
    wrong: seen.predicted.map((one, i) => (one === images.clean.labels[i] ? 0 : 1)),
    attacked: await place.distances(seen, pause),
    noise: await noisy(),
    ends: await distancesToEnds(manifolds, seen, pause),
  };
}
