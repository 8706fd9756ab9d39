/**
 * shapes32: ten plane figures of any colour, place, size and rotation on striped grounds, partly occluded,
 * with noise; made from seeds alone, in the binary format of CIFAR-10 (one label byte, then planes of red,
 * green and blue). Only operations that IEEE 754 defines exactly are used, so the bytes are the same everywhere.
 */
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { stream } from '../random.js';
import { figures, type Figure } from './shapes32-figures.js';
import { drawScene, type Scene, type Texture } from './shapes32-scene.js';

const side = 32;
const plane = side * side;
const record = 1 + 3 * plane;

/** Another number gives other images. */
const version = 1;

/** Part of the data set. */
export type Split = 'train' | 'test';

/** Images `from` … `from + count - 1` of the split, as records. Image i shows figure i mod 10. */
export function shapes32Records(split: Split, from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count * record);
  for (let i = 0; i < count; i++) {
    const generator = stream(2 * version + (split === 'test' ? 1 : 0), 'shapes32', from + i);
    const label = (from + i) % figures.length;
    const target = bytes.subarray(i * record, (i + 1) * record);
    target[0] = label;
    render(drawScene(generator, side), figures[label]!.contains, generator, target.subarray(1));
  }
  return bytes;
}

function render(
  scene: Scene,
  figure: Figure,
  generator: RandomGenerator,
  target: Uint8Array,
): void {
  for (let p = 0; p < plane; p++) {
    const [x, y] = [p % side, Math.floor(p / side)];
    const inFigure = coverage(scene, figure, x, y);
    const [front, back] = [wave(scene.figure, x, y), wave(scene.ground, x, y)];
    const occluded = isOccluded(scene, x, y);
    const bits = generator.next();
    for (let c = 0; c < 3; c++) {
      const shown = scene.figure.colour[c]! + front * scene.figure.stripe[c]!;
      const behind = scene.ground.colour[c]! + back * scene.ground.stripe[c]!;
      const mixed = inFigure * shown + (1 - inFigure) * behind;
      const noise = scene.noise * (((bits >>> (8 * c)) & 255) / 127.5 - 1);
      const value = (occluded ? scene.occluderColour[c]! : mixed) + noise;
      target[c * plane + p] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
}

/** Share of the pixel that the figure covers, from four points in it. */
function coverage(scene: Scene, figure: Figure, x: number, y: number): number {
  const [cosine, sine] = scene.rotation;
  let inside = 0;
  for (let k = 0; k < 4; k++) {
    const u = (x + 0.25 + 0.5 * (k & 1) - scene.centre[0]) / scene.radius;
    const v = (y + 0.25 + 0.5 * (k >> 1) - scene.centre[1]) / scene.radius;
    if (u * u + v * v > 2) continue;
    if (figure(cosine * u + sine * v, cosine * v - sine * u)) inside += 1;
  }
  return inside / 4;
}

/** A triangle wave in [-1, 1]. */
function wave({ frequency, phase }: Texture, x: number, y: number): number {
  const position = frequency[0] * x + frequency[1] * y + phase;
  return 4 * Math.abs(position - Math.floor(position) - 0.5) - 1;
}

function isOccluded(
  { occluder: [left, top, right, bottom] }: Scene,
  x: number,
  y: number,
): boolean {
  return x >= left && x < right && y >= top && y < bottom;
}
