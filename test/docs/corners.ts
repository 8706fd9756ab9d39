/** The data set that corners.py of a page makes, but for its noise, for machines without NumPy. */
import { npy, zip } from '../stores/datasets/own/write-files.js';

/** corners.npz with `count` images. */
export function cornersArchive(count: number): Uint8Array {
  const side = 12;
  const labels = Uint8Array.from({ length: count }, (_, i) => (i * 7 + Math.floor(i / 9)) % 4);
  const images = Uint8Array.from({ length: count * side * side }, (_, p) => {
    const [label, x, y] = [labels[Math.floor(p / 144)]!, p % side, Math.floor(p / side) % side];
    const [row, column] = [7 * (label >> 1), 7 * (label & 1)];
    const inside = y >= row && y < row + 5 && x >= column && x < column + 5;
    return ((Math.imul(p + 1, 0x9e3779b1) >>> 9) % 120) + (inside ? 40 : 0);
  });
  return zip([
    { name: 'images.npy', data: npy('|u1', [count, side, side], images), deflate: true },
    { name: 'labels.npy', data: npy('|u1', [count], labels), deflate: true },
  ]);
}
