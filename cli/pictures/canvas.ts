/** A picture in colour that is drawn on: images in whole magnifications, and text in a font of 5 x 7 pixels. */
import font from 'oled-font-5x7';
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import type { Picture } from '../../stores/formats/picture.js';

export type Canvas = Picture & { readonly channels: 3 };

/** Red, green, blue. */
type Colour = readonly [number, number, number];

/** One image: [height, width, channels] bytes. */
export interface Image {
  readonly shape: ImageShape;
  readonly pixels: Uint8Array;
}

/** Size of text: each pixel of the font is a square of so many. */
const textScale = 2;
/** With the gap to the next. */
const letterWidth = (font.width + 1) * textScale;
export const textHeight = font.height * textScale;

export function createCanvas(width: number, height: number): Canvas {
  return { width, height, channels: 3, pixels: new Uint8Array(3 * width * height).fill(255) };
}

export function textWidth(text: string): number {
  return [...text].length * letterWidth;
}

/** As much of the text as fits; what is cut off is marked by a dot. */
export function fitText(text: string, width: number): string {
  const letters = [...text];
  const room = Math.max(1, Math.floor(width / letterWidth));
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join('')}.`;
}

/** Characters that the font lacks become question marks. */
export function drawText(canvas: Canvas, text: string, x: number, y: number): void {
  for (const [i, letter] of [...text].entries()) drawLetter(canvas, letter, x + i * letterWidth, y);
}

function drawLetter(canvas: Canvas, letter: string, x: number, y: number): void {
  const known = font.lookup.indexOf(letter);
  const place = known < 0 ? font.lookup.indexOf('?') : known;
  for (let column = 0; column < font.width; column++) {
    const bits = font.fontData[place * font.width + column]!;
    for (let row = 0; row < font.height; row++) {
      if ((bits >> row) & 1)
        fill(canvas, x + column * textScale, y + row * textScale, textScale, ink);
    }
  }
}

const ink: Colour = [30, 30, 30];

/** Images of other numbers of channels than three are shown by their first one. */
export function drawImage(
  canvas: Canvas,
  { shape: [height, width, channels], pixels }: Image,
  x: number,
  y: number,
  scale: number,
): void {
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * channels;
      const [red, green, blue] = pixels.subarray(at, at + 3);
      const colour: Colour = channels === 3 ? [red!, green!, blue!] : [red!, red!, red!];
      fill(canvas, x + column * scale, y + row * scale, scale, colour);
    }
  }
}

function fill({ width, pixels }: Canvas, x: number, y: number, side: number, colour: Colour): void {
  for (let row = y; row < y + side; row++) {
    for (let column = x; column < x + side; column++) {
      pixels.set(colour, 3 * (row * width + column));
    }
  }
}
