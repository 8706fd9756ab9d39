/** A curve in weight space: coefficients in t, kept apart from the control points that they mix. */
import type { CurveFamily } from '../../experiment/config/curve.js';
import type { ParameterSpec, ParameterValues } from '../models/parameters.js';
import { bernstein } from './bezier.js';
import { hats } from './polygonal-chain.js';

/** Coefficients of `controlPoints` points (ends included) at t in [0,1]; they add up to 1. */
export function coefficients(family: CurveFamily, controlPoints: number, t: number): number[] {
  if (!(t >= 0 && t <= 1)) throw new RangeError(`t = ${t} is not in [0,1]`);
  if (controlPoints < 2)
    throw new RangeError(`a curve needs 2 control points, not ${controlPoints}`);
  switch (family) {
    case 'bezier':
      return bernstein(controlPoints, t);
    case 'polychain':
      return hats(controlPoints, t);
    default:
      throw new Error(`unknown curve family ${String(family satisfies never)}`);
  }
}

/** w(t) = Σ_k c_k(t) w_k for every parameter, added in float64 and rounded once. */
export function curvePoint(
  specs: readonly ParameterSpec[],
  family: CurveFamily,
  controlPoints: readonly ParameterValues[],
  t: number,
): Map<string, Float32Array> {
  const weights = coefficients(family, controlPoints.length, t);
  return new Map(
    specs.map((spec) => {
      const mixed = new Float64Array(controlPoints[0]!.get(spec.name)!.length);
      controlPoints.forEach((point, k) => {
        const values = point.get(spec.name)!;
        for (let i = 0; i < mixed.length; i++) mixed[i]! += weights[k]! * values[i]!;
      });
      return [spec.name, Float32Array.from(mixed)];
    }),
  );
}

/**
 * Linear start of the bends: point j of 1 … bends lies at j / (bends + 1) of the straight line,
 * so that the curve is that line, passed at uniform speed.
 */
export function linearBends(
  specs: readonly ParameterSpec[],
  start: ParameterValues,
  end: ParameterValues,
  bends: number,
): Map<string, Float32Array>[] {
  return Array.from({ length: bends }, (_, j) =>
    curvePoint(specs, 'polychain', [start, end], (j + 1) / (bends + 1)),
  );
}

/** ||a - b||_2 over all parameters. */
export function distance(
  specs: readonly ParameterSpec[],
  a: ParameterValues,
  b: ParameterValues,
): number {
  let square = 0;
  for (const spec of specs) {
    const [x, y] = [a.get(spec.name)!, b.get(spec.name)!];
    for (let i = 0; i < x.length; i++) square += (x[i]! - y[i]!) ** 2;
  }
  return Math.sqrt(square);
}
