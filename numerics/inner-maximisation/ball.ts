/** Points of l2 balls, as plain numbers. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { normals } from '../random.js';

/** x · y. */
export function dot(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

/** Euclidean length. */
export function length(x: Float64Array): number {
  return Math.sqrt(dot(x, x));
}

/** A point of the sphere of this radius, every direction alike. */
export function onSphere(generator: RandomGenerator, dimension: number, radius: number) {
  const direction = normals(generator, dimension);
  const factor = radius / length(direction);
  return direction.map((value) => value * factor);
}

/** A point of the ball of this radius, uniform in volume. */
export function inBall(generator: RandomGenerator, dimension: number, radius: number) {
  const direction = onSphere(generator, dimension, radius);
  const share = uniformFloat64(generator) ** (1 / dimension);
  return direction.map((value) => value * share);
}

/** The nearest point of the ball around 0. */
export function projectOntoBall(x: Float64Array, radius: number): Float64Array {
  const long = length(x);
  return long <= radius ? x : x.map((value) => (value * radius) / long);
}
