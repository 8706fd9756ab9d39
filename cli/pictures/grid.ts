/** A grid of labelled images: in rows of eight, each with its variants below it. */
import {
  createCanvas,
  drawImage,
  drawText,
  fitText,
  textHeight,
  textWidth,
  type Canvas,
  type Image,
} from './canvas.js';

/** Images of one kind, as many as there are labels. */
export interface GridRow {
  /** Shown beside it where there are several. */
  readonly name: string;
  readonly images: readonly Image[];
}

const columns = 8;
/** Images are magnified to at least so many pixels. */
const leastSide = 120;
const gap = 8;

/** `rows` of one or more kinds; labels stand below the last. */
export function drawGrid(rows: readonly GridRow[], labels: readonly string[]): Canvas {
  const [height, width] = rows[0]!.images[0]!.shape;
  const scale = Math.max(1, Math.ceil(leastSide / Math.max(height, width)));
  const [cellWidth, cellHeight] = [width * scale + gap, height * scale + gap];
  const names = rows.length > 1 ? Math.max(...rows.map(({ name }) => textWidth(name))) + gap : 0;
  const blockHeight = rows.length * cellHeight + textHeight + 2 * gap;
  const blocks = Math.ceil(labels.length / columns);
  const used = Math.min(columns, labels.length);
  const canvas = createCanvas(gap + names + used * cellWidth, gap + blocks * blockHeight);
  for (let i = 0; i < labels.length; i++) {
    const x = gap + names + (i % columns) * cellWidth;
    const y = gap + Math.floor(i / columns) * blockHeight;
    rows.forEach(({ images }, r) => drawImage(canvas, images[i]!, x, y + r * cellHeight, scale));
    const label = fitText(labels[i]!, cellWidth - gap);
    drawText(canvas, label, x, y + rows.length * cellHeight);
  }
  for (let block = 0; names > 0 && block < blocks; block++) {
    rows.forEach(({ name }, r) =>
      drawText(canvas, name, gap, gap + block * blockHeight + r * cellHeight),
    );
  }
  return canvas;
}
