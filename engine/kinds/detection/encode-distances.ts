/** The artifact of a detection: the distance of every image. */
import type { DetectionSpec } from '../../../experiment/kinds/detection.js';
import { encodeSafetensors } from '../../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../../stores/formats/tensors.js';
import type { MeasuredImages } from '../../toolkit/measure-path.js';
import type { DetectionImages } from './images.js';
import type { Detected, DetectedSource } from './measure-source.js';

interface ImagesOf {
  readonly measured: MeasuredImages;
  readonly images: DetectionImages;
}

/**
 * `image` and `label` [images] and `reference` [references] (indices in their splits of the data set); `clean` and `correct`
 * [points, images], `calibration` and `calibration.correct` [points, calibration]; of each source, [points, images]:
 * `NAME` its distances, `NAME.counts`, `NAME.wrong`, `NAME.noise` those of noise, `NAME.start` and `NAME.end` those to the
 * manifolds of the first and the last t.
 */
export function encodeDistances(
  spec: DetectionSpec,
  { measured, images }: ImagesOf,
  done: readonly Detected[],
): Uint8Array {
  const each = (of: (one: Detected) => Float32Array | null) => floats(done.map(of));
  const tensors: (readonly [string, StoredTensor | null])[] = [
    ['image', integers(measured.indices)],
    ['label', integers(Int32Array.from(measured.labels))],
    ['reference', integers(images.referenceIndices)],
    ['clean', each(({ clean }) => clean)],
    ['correct', each(({ correct }) => correct)],
    ['calibration', each(({ calibration }) => calibration)],
    ['calibration.correct', each(({ calibrationCorrect }) => calibrationCorrect)],
    ['calibration.start', each(({ calibrationEnds }) => calibrationEnds?.start ?? null)],
    ['calibration.end', each(({ calibrationEnds }) => calibrationEnds?.end ?? null)],
    ...(done[0]?.sources ?? []).flatMap(({ name }, i) => {
      const of = (field: (source: DetectedSource) => Float32Array | null) =>
        each(({ sources }) => field(sources[i]!));
      return [
        [name, of(({ attacked }) => attacked)],
        [`${name}.counts`, of(({ counts }) => counts)],
        [`${name}.wrong`, of(({ wrong }) => wrong)],
        [`${name}.noise`, of(({ noise }) => noise)],
        [`${name}.start`, of(({ ends }) => ends?.start ?? null)],
        [`${name}.end`, of(({ ends }) => ends?.end ?? null)],
      ] as const;
    }),
  ];
  const present = tensors.filter((one): one is readonly [string, StoredTensor] => one[1] !== null);
  const { t, detector, space, seed } = spec;
  return encodeSafetensors(new Map(present), {
    ...{ split: 'test', t: JSON.stringify(t), detector: JSON.stringify(detector), space },
    seed: String(seed),
  });
}

function integers(data: Int32Array): StoredTensor {
  return { dtype: 'I32', shape: [data.length], data };
}

/** Rows of equal length; null where they were not measured. */
function floats(rows: readonly (Float32Array | null)[]): StoredTensor | null {
  const whole = rows.filter((row) => row !== null);
  if (whole.length === 0) return null;
  const data = Float32Array.from(whole.flatMap((row) => [...row]));
  return { dtype: 'F32', shape: [whole.length, whole[0]!.length], data };
}
