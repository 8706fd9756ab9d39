/** How large the squares of the Square Attack are (Andriushchenko et al. 2020, section 3.3). */

/** Share of the image that the first square covers. */
const firstShare = 0.8;
/** After these queries, out of 10,000, the share is halved. */
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

export function squareShare(query: number): number {
  return firstShare / 2 ** halvings.filter((after) => query > after).length;
}

/** Pixels of a side at this query: at least `least`, at most the image's. */
export function squareSide(query: number, height: number, width: number, least: number): number {
  const side = Math.round(Math.sqrt(squareShare(query) * height * width));
  return Math.min(Math.max(side, least), height, width);
}
