/** The plane of the README's picture is the one that the measured lengths determine. */
import { expect, it } from 'vitest';
import { controlPoint, onCurve } from '../../scripts/picture/plane.js';

it('recovers the control point of a curve from the lengths of its chords', () => {
  const theta = { x: 9, y: 4 };
  const distance = 20;
  const ts = Array.from({ length: 11 }, (_, i) => i / 10);
  let length = 0;
  const lengths = ts.map((t, i) => {
    const [here, before] = [t, ts[i - 1] ?? t].map((at) => onCurve(theta, distance, at));
    length += Math.hypot(here!.x - before!.x, here!.y - before!.y);
    return { t, length };
  });
  const found = controlPoint(distance, lengths);
  expect(found.x).toBeCloseTo(theta.x, 9);
  expect(found.y).toBeCloseTo(theta.y, 9);
});
