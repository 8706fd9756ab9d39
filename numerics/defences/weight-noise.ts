/** Normal noise on weights, of a size that the distance to other weights gives: the noisy baseline of Zhao et al. 2020. */
import type { ParameterSpec, ParameterValues } from '../models/parameters.js';
import { normals, stream } from '../random.js';

/** w + N(0, (scale · |w - other|)²), weight by weight; weights that are equal in both stay as they are. */
export function withNoise(
  specs: readonly ParameterSpec[],
  values: ParameterValues,
  other: ParameterValues,
  scale: number,
  seed: number,
): Map<string, Float32Array> {
  return new Map(
    specs.map(({ name }, i) => {
      const [w, v] = [values.get(name)!, other.get(name)!];
      const draws = normals(stream(seed, 'weight-noise', i), w.length);
      return [name, w.map((weight, k) => weight + scale * Math.abs(weight - v[k]!) * draws[k]!)];
    }),
  );
}
