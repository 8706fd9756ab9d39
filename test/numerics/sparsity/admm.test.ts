// ADMM on ½ h ‖θ - θ*‖², its inner minimisation exact: ρ near h finds the k largest, a large one keeps the first support.
import { expect, test } from 'vitest';
import { normals, stream } from '../../../numerics/random.js';
import { updateAdmm } from '../../../numerics/sparsity/admm.js';
import { keepLargest, positionsOf } from '../../../numerics/sparsity/largest.js';

const [size, kept, h] = [12, 4, 1];
const optimum = Float32Array.from(normals(stream(2, 'probe', 0), size));

/** Support of z after 50 rounds from the first `kept` places; θ minimises ½ h ‖θ - θ*‖² + ρ/2 ‖θ - z + u‖². */
function support(rho: number): Uint32Array {
  let projection: Float32Array = Float32Array.from({ length: size }, (_, i) => (i < kept ? 1 : 0));
  let dual: Float32Array = new Float32Array(size);
  for (let round = 0; round < 50; round++) {
    const [z, u] = [projection, dual];
    const theta = optimum.map((t, i) => (h * t + rho * (z[i]! - u[i]!)) / (h + rho));
    ({ projection, dual } = updateAdmm(theta, u, kept));
  }
  return positionsOf(projection, true);
}

test('ρ near the curvature ends on the k largest, a large one on the support that it began with', () => {
  const best = positionsOf(keepLargest(optimum, kept), true);
  const first = Uint32Array.of(0, 1, 2, 3);
  expect(best).not.toEqual(first);
  expect(support(0.9)).toEqual(best);
  expect(support(1e6)).toEqual(first);
});

test('u collects what the projection cuts off', () => {
  const { projection, dual } = updateAdmm(Float32Array.of(3, 1, -2), Float32Array.of(0, 0.5, 0), 2);
  expect([...projection]).toEqual([3, 0, -2]);
  expect([...dual]).toEqual([0, 1.5, 0]);
});
