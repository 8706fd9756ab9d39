/** Exact symmetries of networks with implicit layers: other weights, the same function and the same certificates. */
import type { ImplicitSite } from '../../experiment/catalogue/models/implicit-sites.js';

/** Values of every parameter by name, row-major. */
export type Values = ReadonlyMap<string, Float32Array>;

/** |a| in place of a [n]: only its square counts. */
export function withoutSigns(sites: readonly ImplicitSite[], values: Values): Values {
  const changed = new Map(values);
  for (const { name } of sites)
    changed.set(`${name}.damping`, valueOf(values, name, 'damping').map(Math.abs));
  return changed;
}

/**
 * The gauge η = 0, by x ↦ D x with D = diag(e^η): (A, B, b, C) ↦ (D A D⁻¹, D B, D b, C D⁻¹), where D A D⁻¹ has the M and a
 * of A. It is exact for activations with Φ(d x) = d Φ(x), d > 0, such as ReLU; C is the dense layer that follows. Throws
 * without one.
 */
export function withoutScaling(sites: readonly ImplicitSite[], values: Values): Values {
  const changed = new Map(values);
  for (const { name, next } of sites) {
    if (next === null) throw new Error(`no dense layer follows ${name}`);
    const d = Float64Array.from(valueOf(values, name, 'scaling'), Math.exp);
    const n = d.length;
    const scaled = (at: string, what: string, factor: (i: number) => number) =>
      changed.set(
        `${at}.${what}`,
        valueOf(changed, at, what).map((w, i) => w * factor(i)),
      );
    scaled(name, 'weight', (i) => d[i % n]!);
    scaled(name, 'bias', (i) => d[i]!);
    const outputs = valueOf(changed, next, 'weight').length / n;
    scaled(next, 'weight', (i) => 1 / d[Math.floor(i / outputs)]!);
    changed.set(`${name}.scaling`, new Float32Array(n));
  }
  return changed;
}

/**
 * Coordinates in which the coupling matrix itself is mixed: in the gauge η = 0 `coupling` is A [n, n],
 * A_ij = M_ij and A_ii = m + M_ii - Σ_j |M_ij| - a_i²; `scaling` and `damping` are 0 and count no more.
 */
export function toCoupling(sites: readonly ImplicitSite[], values: Values): Values {
  const changed = new Map(withoutScaling(sites, values));
  for (const { name, bound } of sites) {
    const [m, a] = [valueOf(changed, name, 'coupling'), valueOf(changed, name, 'damping')];
    const n = a.length;
    const matrix = Float32Array.from(m);
    for (let i = 0; i < n; i++) {
      const row = m.subarray(i * n, (i + 1) * n);
      const size = row.reduce((sum, one) => sum + Math.abs(one), 0);
      matrix[i * n + i] = bound + row[i]! - size - a[i]! ** 2;
    }
    changed.set(`${name}.coupling`, matrix);
    changed.set(`${name}.damping`, new Float32Array(n));
  }
  return changed;
}

/**
 * Free parameters of a coupling matrix A [n, n] with μ_∞(A) ≤ m: M is A beside a diagonal of 0, η = 0 and
 * a_i² = m - A_ii - Σ_{j ≠ i} |A_ij|, at least 0.
 */
export function fromCoupling(sites: readonly ImplicitSite[], values: Values): Values {
  const changed = new Map(values);
  for (const { name, bound } of sites) {
    const matrix = valueOf(values, name, 'coupling');
    const n = valueOf(values, name, 'damping').length;
    const free = Float32Array.from(matrix);
    const damping = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      free[i * n + i] = 0;
      const row = free.subarray(i * n, (i + 1) * n);
      const size = row.reduce((sum, one) => sum + Math.abs(one), 0);
      damping[i] = Math.sqrt(Math.max(0, bound - matrix[i * n + i]! - size));
    }
    changed.set(`${name}.coupling`, free);
    changed.set(`${name}.damping`, damping);
  }
  return changed;
}

function valueOf(values: Values, name: string, what: string): Float32Array {
  const found = values.get(`${name}.${what}`);
  if (found === undefined) throw new Error(`parameter ${name}.${what} is missing`);
  return found;
}
