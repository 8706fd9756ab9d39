/** The ten classes of shapes32 as plane figures within the unit disc. */

/** Whether the point is inside. */
export type Figure = (x: number, y: number) => boolean;

const box = (x: number, y: number, halfWidth: number, halfHeight: number): boolean =>
  Math.abs(x) <= halfWidth && Math.abs(y) <= halfHeight;

/** Normals of the five lines of a pentagram: angles of 72 degrees, written out so that no sine is computed. */
const pentagon = [
  [1, 0],
  [0.30901699437494745, 0.9510565162951535],
  [-0.8090169943749475, 0.5877852522924731],
  [-0.8090169943749475, -0.5877852522924731],
  [0.30901699437494745, -0.9510565162951535],
] as const;

/** In at least four of the five half-planes: the pentagon and its five points. */
function star(x: number, y: number): boolean {
  const beyond = pentagon.filter(([a, b]) => a * x + b * y > 0.309);
  return beyond.length <= 1;
}

function triangle(x: number, y: number): boolean {
  return y >= -0.5 && y <= 1 - Math.sqrt(3) * Math.abs(x);
}

/** In the order of the labels. */
export const figures: readonly { readonly name: string; readonly contains: Figure }[] = [
  { name: 'disc', contains: (x, y) => x * x + y * y <= 0.72 },
  { name: 'ring', contains: (x, y) => x * x + y * y <= 0.9 && x * x + y * y >= 0.3 },
  { name: 'square', contains: (x, y) => box(x, y, 0.7, 0.7) },
  { name: 'triangle', contains: triangle },
  { name: 'cross', contains: (x, y) => box(x, y, 0.95, 0.27) || box(x, y, 0.27, 0.95) },
  { name: 'star', contains: star },
  { name: 'bar', contains: (x, y) => box(x, y, 1, 0.28) },
  { name: 'half disc', contains: (x, y) => y >= -0.35 && x * x + (y + 0.35) ** 2 <= 1 },
  { name: 'crescent', contains: (x, y) => x * x + y * y <= 1 && (x - 0.55) ** 2 + y * y > 0.55 },
  { name: 'angle', contains: (x, y) => box(x, y, 0.75, 0.75) && !(x > -0.25 && y > -0.25) },
];
