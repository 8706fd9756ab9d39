/** Backdoor triggers: which pixels they set to full brightness, counted from the far edges of an image. */
import type { ImageShape } from './datasets.js';

export const triggerNames = ['square', 'pattern'] as const;
export type TriggerName = (typeof triggerNames)[number];

/** Row and column; -1 is the last. */
type Offset = readonly [row: number, column: number];

const side = [-4, -3, -2];

/**
 * `square`: 3 x 3 with one row and column of margin, as the paper's code sets it (IBM/model-sanitization,
 * add_pattern_bd). `pattern`: the four pixels of the function of that name in ART.
 */
const triggers: Readonly<Record<TriggerName, readonly Offset[]>> = {
  square: side.flatMap((row) => side.map((column): Offset => [row, column])),
  pattern: [
    [-2, -2],
    [-3, -3],
    [-2, -4],
    [-4, -2],
  ],
};

/** Places in [height, width, channels] of one image that the trigger sets, in every channel. */
export function triggerPlaces(
  name: TriggerName,
  [height, width, channels]: ImageShape,
): readonly number[] {
  return triggers[name].flatMap(([row, column]) => {
    const place = ((height + row) * width + width + column) * channels;
    return Array.from({ length: channels }, (_, channel) => place + channel);
  });
}

/** Why images of this shape cannot carry the trigger, or null if they can. */
export function triggerMisfit(name: TriggerName, [height, width]: ImageShape): string | null {
  const rows = Math.max(...triggers[name].map(([row]) => -row));
  const columns = Math.max(...triggers[name].map(([, column]) => -column));
  if (height >= rows && width >= columns) return null;
  return `${name} needs images of at least ${rows} x ${columns} pixels, not ${height} x ${width}`;
}
