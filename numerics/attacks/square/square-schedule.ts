/** How large the squares of the Square Attack are (Andriushchenko et al. 2020, section 3.3). */

import type { SquareSchedule } from '../../../experiment/attacks/attack-fields.js';

/** Share of the image that the first square covers. */
const firstShare = 0.8;
/** The budget for which the halvings were published. */
const publishedQueries = 10_000;
/** After these queries, out of 10,000, the share is halved. */
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** Where among the 10,000 published queries a query from 0 stands: `scaled` stretches these over the budget. */
export function squarePlace(schedule: SquareSchedule, query: number, queries: number): number {
  switch (schedule) {
    case 'scaled':
      return Math.floor((query * publishedQueries) / queries);
    case 'fixed':
      return query;
    default:
      throw new Error(`unknown schedule ${String(schedule satisfies never)}`);
  }
}

/** Share of the image that a square covers at this place, 0 to 1. */
export function squareShare(place: number): number {
  return firstShare / 2 ** halvings.filter((after) => place > after).length;
}

/** Pixels of a side at this place: at least `least`, at most the image's. */
export function squareSide(place: number, height: number, width: number, least: number): number {
  const side = Math.round(Math.sqrt(squareShare(place) * height * width));
  return Math.min(Math.max(side, least), height, width);
}
