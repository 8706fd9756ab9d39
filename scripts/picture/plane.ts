/** The plane of a quadratic Bezier curve in weight space, recovered from the measured lengths along it. */

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Values of t with the length of the path up to each. */
type Lengths = readonly { readonly t: number; readonly length: number }[];

/**
 * The control point theta of B(t) = 2t(1 - t) theta + t^2 b, where b = (distance, 0) and theta_y >= 0.
 *
 * A chord from t to t' is a theta + c b, so its squared length is a^2 |theta|^2 + 2ac distance theta_x + (c distance)^2:
 * linear in |theta|^2 and theta_x, which two normal equations give.
 */
export function controlPoint(distance: number, lengths: Lengths): Place {
  let [pp, pq, qq, pr, qr] = [0, 0, 0, 0, 0];
  for (const [i, { t, length }] of lengths.slice(0, -1).entries()) {
    const next = lengths[i + 1]!;
    const a = 2 * next.t * (1 - next.t) - 2 * t * (1 - t);
    const along = (next.t ** 2 - t ** 2) * distance;
    const [p, q, r] = [a ** 2, 2 * a * along, (next.length - length) ** 2 - along ** 2];
    pp += p * p;
    pq += p * q;
    qq += q * q;
    pr += p * r;
    qr += q * r;
  }
  const determinant = pp * qq - pq ** 2;
  const squared = (pr * qq - qr * pq) / determinant;
  const x = (qr * pp - pr * pq) / determinant;
  return { x, y: Math.sqrt(Math.max(0, squared - x ** 2)) };
}

export function onCurve(theta: Place, distance: number, t: number): Place {
  const weight = 2 * t * (1 - t);
  return { x: weight * theta.x + t ** 2 * distance, y: weight * theta.y };
}
