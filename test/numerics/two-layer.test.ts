// Ascents in l2 balls against losses whose maxima are known, and two-layer networks against central differences.
import { mean } from 'simple-statistics';
import { describe, expect, test } from 'vitest';
import { ascendInBall, type LossAt } from '../../numerics/inner-maximisation/ascent.js';
import { dot, inBall, length, onSphere } from '../../numerics/inner-maximisation/ball.js';
import { drawTwoLayer, evaluateTwoLayer } from '../../numerics/inner-maximisation/two-layer.js';
import {
  twoLayerAscents,
  type TwoLayerSettings,
} from '../../numerics/inner-maximisation/two-layer-ascents.js';
import { smoothActivations } from '../../experiment/catalogue/two-layer.js';
import { normals, stream } from '../../numerics/random.js';

const draws = stream(11, 'two-layer', 0);
const settings = { epsilon: 1, stepSize: 0.05, steps: 4000, tolerance: 1e-9 };

describe('the loss of a linear function', () => {
  /** ½ (r - gᵀδ)²: maximal at the pole of g that is away from r, with a second maximum at the other one. */
  const linear =
    (g: Float64Array, r: number): LossAt =>
    (delta) => {
      const rest = r - dot(g, delta);
      return { loss: rest ** 2 / 2, gradient: g.map((value) => -rest * value) };
    };

  test.each([
    [5, 0.275],
    [20, 0.125],
  ])(
    'in %d dimensions has the shares of starts in either basin that a Beta law gives',
    (d, share) => {
      const g = onSphere(draws, d, 1);
      const r = 0.25;
      const losses = Array.from(
        { length: 1500 },
        () => ascendInBall(linear(g, r), inBall(draws, d, 1), settings).loss,
      );
      const [major, minor] = [(r + 1) ** 2 / 2, (1 - r) ** 2 / 2];
      for (const loss of losses) {
        expect(Math.min(Math.abs(loss - major), Math.abs(loss - minor))).toBeLessThan(1e-6);
      }
      const inMinor = mean(losses.map((loss) => (loss < (major + minor) / 2 ? 1 : 0)));
      // Three standard errors of 1,500 starts.
      expect(Math.abs(inMinor - share)).toBeLessThan(3 * Math.sqrt((share * (1 - share)) / 1500));
    },
  );

  test('has one basin where the residual is larger than the ball reaches', () => {
    const g = onSphere(draws, 20, 1);
    for (let i = 0; i < 50; i++) {
      const { loss } = ascendInBall(linear(g, 1.1), inBall(draws, 20, 1), settings);
      expect(loss).toBeCloseTo(2.1 ** 2 / 2, 6);
    }
  });
});

describe('a quadratic', () => {
  const d = 6;
  const quadratic =
    (h: Float64Array, g: Float64Array): LossAt =>
    (delta) => {
      const gradient = h.map((value, i) => value * delta[i]! + g[i]!);
      return { loss: (dot(gradient, delta) + dot(g, delta)) / 2, gradient };
    };

  /** The maximum of ½ Σ hδ² + gᵀδ in the unit ball by its secular equation: δ = g / (λ - h), ‖δ‖ = 1 or λ = 0. */
  function largest(h: Float64Array, g: Float64Array): number {
    const at = (lambda: number) => g.map((value, i) => value / (lambda - h[i]!));
    let [low, high] = [Math.max(0, ...h), 1e6];
    if (Math.max(...h) < 0 && length(at(0)) <= 1) return quadratic(h, g)(at(0)).loss;
    for (let i = 0; i < 200; i++) {
      const middle = (low + high) / 2;
      if (length(at(middle)) > 1) low = middle;
      else high = middle;
    }
    return quadratic(h, g)(at(high)).loss;
  }

  const ends = (h: Float64Array, g: Float64Array, step = settings) =>
    Array.from({ length: 100 }, () => ascendInBall(quadratic(h, g), inBall(draws, d, 1), step));

  test('is never exceeded, and reached where it is concave', () => {
    for (let trial = 0; trial < 10; trial++) {
      const [h, g] = [normals(draws, d), normals(draws, d)];
      const best = largest(h, g);
      for (const { loss } of ends(h, g)) expect(loss).toBeLessThanOrEqual(best + 1e-9);
      const concave = h.map((value) => -Math.abs(value));
      const peak = largest(concave, g);
      for (const { loss } of ends(concave, g)) expect(loss).toBeCloseTo(peak, 6);
    }
  });

  test('would be exceeded outside of the ball', () => {
    const [h, g] = [Float64Array.of(1, 1, 1, 1, 1, 1), normals(draws, d)];
    const wide = ends(h, g, { ...settings, epsilon: 1.1 });
    expect(Math.max(...wide.map(({ loss }) => loss))).toBeGreaterThan(largest(h, g) + 0.01);
  });

  test('rises at every step that is at most 1 / L', () => {
    const [h, g] = [normals(draws, d), normals(draws, d)];
    const stepSize = 1 / Math.max(...h.map(Math.abs));
    let before = -Infinity;
    let at: Float64Array = inBall(draws, d, 1);
    for (let i = 0; i < 60; i++) {
      const now = quadratic(h, g)(at).loss;
      expect(now).toBeGreaterThanOrEqual(before - 1e-12);
      before = now;
      at = ascendInBall(quadratic(h, g), at, { ...settings, stepSize, steps: 1 }).delta;
    }
  });
});

describe.each(smoothActivations)('a two-layer network with %s', (activation) => {
  const [dimension, width] = [7, 30];
  const network = drawTwoLayer(draws, { dimension, width, activation });

  test('has the gradient of central differences', () => {
    const x = normals(draws, dimension);
    const { gradient } = evaluateTwoLayer(network, x);
    gradient.forEach((value, i) => {
      const at = (h: number) =>
        evaluateTwoLayer(
          network,
          x.map((v, k) => (k === i ? v + h : v)),
        ).output;
      expect(value).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 7);
    });
  });

  test('is the same function of s x with weights W / s, and linear where s is small', () => {
    const x = normals(draws, dimension);
    const smaller = { ...network, hidden: network.hidden.map((value) => value / 3) };
    const thrice = x.map((value) => 3 * value);
    const { output } = evaluateTwoLayer(network, x);
    expect(evaluateTwoLayer(smaller, thrice).output).toBeCloseTo(output, 10);
    const origin = evaluateTwoLayer(network, new Float64Array(dimension));
    const s = 1e-4;
    const near = evaluateTwoLayer(
      network,
      x.map((value) => s * value),
    ).output;
    expect((near - origin.output) / s).toBeCloseTo(dot(origin.gradient, x), 3);
  });
});

describe('ascents on two-layer networks', () => {
  const base: TwoLayerSettings = {
    ...{ activation: 'tanh', dimension: 20, width: 200, scale: 0.1, ratio: 0.5 },
    ...{ step: 'fixed', stepSize: 0.2, starts: 20, steps: 1000, seed: 1 },
  };
  const meanOver = (changed: Partial<TwoLayerSettings>, nets: number) => {
    const found = Array.from({ length: nets }, (_, i) =>
      twoLayerAscents({ ...base, ...changed }, i),
    );
    const of = (name: keyof (typeof found)[number]) => mean(found.map((one) => one[name]));
    return { steps: of('steps'), spread: of('spread'), oneMaximiser: of('oneMaximiser') };
  };

  test('of small inputs have one maximiser; of larger ones several, after more steps', () => {
    const [small, large] = [meanOver({}, 6), meanOver({ scale: 3, steps: 300 }, 3)];
    expect(small.spread).toBeLessThan(0.01);
    expect(small.oneMaximiser).toBeGreaterThanOrEqual(0.99);
    expect(large.spread).toBeGreaterThan(0.01);
    expect(large.oneMaximiser).toBeLessThan(0.6);
    expect(large.steps).toBeGreaterThan(10 * small.steps);
  });

  test('are decided by seed and index, and differ between networks', () => {
    expect(twoLayerAscents(base, 3)).toEqual(twoLayerAscents(base, 3));
    expect(twoLayerAscents({ ...base, scale: 1 }, 3)).not.toEqual(
      twoLayerAscents({ ...base, scale: 1 }, 4),
    );
  });
});
