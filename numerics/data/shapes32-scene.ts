/** Everything about an image of shapes32 that does not decide its class, drawn from the image's own stream. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

type Colour = readonly [number, number, number];

/** A colour with stripes: triangle waves along a direction. */
export interface Texture {
  readonly colour: Colour;
  /** Added times a wave in [-1, 1]. */
  readonly stripe: Colour;
  /** Waves per pixel along x and y. */
  readonly frequency: readonly [number, number];
  readonly phase: number;
}

/** Everything that is drawn for one image. */
export interface Scene {
  /** Centre of the figure, in pixels from the corner of the image. */
  readonly centre: readonly [number, number];
  /** Radius of the disc around the figure, pixels. */
  readonly radius: number;
  /** Cosine and sine of the rotation. */
  readonly rotation: readonly [number, number];
  readonly figure: Texture;
  readonly ground: Texture;
  /** A rectangle in front of it all: left, top, right, bottom. */
  readonly occluder: readonly [number, number, number, number];
  readonly occluderColour: Colour;
  /** Largest change of a pixel by noise, of 255. */
  readonly noise: number;
}

/** Channels of the ground and of the lighter figure, of 255. */
const dark = [10, 120] as const;
const light = [130, 245] as const;

/** Draws a scene for an image of `side` pixels; the order of the draws decides the bytes of the data set. */
export function drawScene(generator: RandomGenerator, side: number): Scene {
  const between = (low: number, high: number): number =>
    low + (high - low) * uniformFloat64(generator);
  const radius = between(9, 14);
  const margin = 0.9 * radius;
  const [left, top] = [between(0, side), between(0, side)];
  return {
    radius,
    centre: [between(margin, side - margin), between(margin, side - margin)],
    rotation: direction(between),
    figure: drawTexture(between, light),
    ground: drawTexture(between, dark),
    occluder: [left, top, left + between(2, 6), top + between(2, 6)],
    occluderColour: drawColour(between, [dark[0], light[1]]),
    noise: between(0, 25),
  };
}

type Between = (low: number, high: number) => number;

type Range = readonly [low: number, high: number];

function drawColour(between: Between, range: Range): Colour {
  return [between(...range), between(...range), between(...range)];
}

function drawTexture(between: Between, range: Range): Texture {
  const [x, y] = direction(between);
  const frequency = between(0.04, 0.25);
  const amplitude = between(0, 40);
  const tint = (): number => amplitude * between(-1, 1);
  return {
    colour: drawColour(between, range),
    stripe: [tint(), tint(), tint()],
    frequency: [frequency * x, frequency * y],
    phase: between(0, 1),
  };
}

/** Uniform on the circle without a sine: square roots are the same everywhere. */
function direction(between: Between): readonly [number, number] {
  for (;;) {
    const [x, y] = [between(-1, 1), between(-1, 1)];
    const length = Math.sqrt(x * x + y * y);
    if (length <= 1 && length > 0.01) return [x / length, y / length];
  }
}
