import { expect, test } from 'vitest';
import {
  createCanvas,
  drawImage,
  drawText,
  fitText,
  textWidth,
} from '../../../cli/pictures/canvas.js';
import { drawGrid } from '../../../cli/pictures/grid.js';
import { decodePng, encodePng } from '../../../stores/formats/png.js';

const colourAt = (
  { width, pixels }: { width: number; pixels: Uint8Array },
  x: number,
  y: number,
) => [...pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
const white = [255, 255, 255];

test('images are drawn in their colours, magnified', () => {
  const canvas = createCanvas(8, 6);
  const colours = { shape: [1, 2, 3] as const, pixels: Uint8Array.of(10, 20, 30, 40, 50, 60) };
  drawImage(canvas, colours, 1, 2, 3);
  expect(colourAt(canvas, 1, 2)).toEqual([10, 20, 30]);
  expect(colourAt(canvas, 3, 4)).toEqual([10, 20, 30]);
  expect(colourAt(canvas, 4, 4)).toEqual([40, 50, 60]);
  for (const [x, y] of [
    [0, 2],
    [1, 1],
    [7, 2],
    [1, 5],
  ] as const)
    expect(colourAt(canvas, x, y)).toEqual(white);
  drawImage(canvas, { shape: [1, 1, 2], pixels: Uint8Array.of(7, 99) }, 0, 0, 1);
  expect(colourAt(canvas, 0, 0)).toEqual([7, 7, 7]);
});

test('text is drawn in two pixels a dot, and cut where it does not fit', () => {
  const canvas = createCanvas(textWidth('T'), 14);
  drawText(canvas, 'T', 0, 0);
  const dots = [0, 2, 4, 6, 8, 10, 12].map((y) =>
    [0, 2, 4, 6, 8].map((x) => (colourAt(canvas, x + 1, y + 1)[0] === 255 ? '.' : '#')).join(''),
  );
  expect(dots).toEqual(['#####', '..#..', '..#..', '..#..', '..#..', '..#..', '..#..']);
  expect(fitText('automobile', 120)).toBe('automobile');
  expect(fitText('automobile', 119)).toBe('automobi.');
});

test('a grid has rows of eight, each kind below the other, and is read as the PNG that it is written as', () => {
  const image = (value: number) => ({
    shape: [2, 2, 1] as const,
    pixels: new Uint8Array(4).fill(value),
  });
  const upTo = Array.from({ length: 10 }, (_, i) => i);
  const rows = [
    { name: 'ab', images: upTo.map((i) => image(i)) },
    { name: 'c', images: upTo.map((i) => image(100 + i)) },
  ];
  const grid = drawGrid(rows, upTo.map(String));
  const left = 8 + textWidth('ab') + 8;
  const cell = 120 + 8;
  const block = 2 * cell + 14 + 16;
  expect([grid.width, grid.height]).toEqual([left + 8 * cell, 8 + 2 * block]);
  for (const i of upTo) {
    const [x, y] = [left + (i % 8) * cell + 60, 8 + Math.floor(i / 8) * block + 60];
    expect(colourAt(grid, x, y)[0]).toBe(i);
    expect(colourAt(grid, x, y + cell)[0]).toBe(100 + i);
  }
  expect(colourAt(grid, left + 3 * cell, 8 + block)).toEqual(white);
  const { width, height, pixels } = decodePng(encodePng(grid), 1e7);
  expect([width, height]).toEqual([grid.width, grid.height]);
  expect(Buffer.from(pixels).equals(grid.pixels)).toBe(true);
});
