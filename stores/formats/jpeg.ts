/** Baseline and progressive JPEG pictures, as bytes of grey or colour. */
import { decode as decodeJpeg8 } from 'jpeg-js';
import { FormatError } from './format-error.js';
import type { Picture } from './picture.js';

const startOfImage = 0xd8;
const startOfScan = 0xda;
/** Markers of frames: C0 to CF but for tables (C4, CC) and C8. */
const notFrames = [0xc4, 0xc8, 0xcc];
/** Memory that the decoder takes for a picture of the largest size that is read, with room. */
const mostMemoryMb = 128;

/** Whether the bytes begin as a JPEG file does. */
export function isJpeg([first, second]: Uint8Array): boolean {
  return first === 0xff && second === startOfImage;
}

/** Throws a FormatError for what is no JPEG, has more pixels than `mostPixels`, or is damaged. */
export function decodeJpeg(bytes: Uint8Array, mostPixels: number): Picture {
  const { width, height, components } = frameHeader(bytes);
  if (width * height > mostPixels) {
    throw new FormatError(`${width} x ${height} pixels; at most ${mostPixels} are read`);
  }
  if (components !== 1 && components !== 3) {
    throw new FormatError(`${components} components; save it in grey or RGB`);
  }
  const { data } = decode(bytes);
  const pixels = components === 3 ? data : data.filter((_, i) => i % 3 === 0);
  if (pixels.length !== width * height * components) throw new FormatError('a damaged JPEG file');
  return { width, height, channels: components, pixels };
}

function decode(bytes: Uint8Array): { readonly data: Uint8Array } {
  try {
    const strict = { useTArray: true, formatAsRGBA: false, tolerantDecoding: false } as const;
    return decodeJpeg8(bytes, { ...strict, maxMemoryUsageInMB: mostMemoryMb });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`a damaged JPEG file (${reason})`, { cause });
  }
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

/** Before anything is decoded: the decoder takes memory for what the header says. */
function frameHeader(bytes: Uint8Array): Frame {
  if (!isJpeg(bytes)) throw new FormatError('not a JPEG file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 < bytes.length;) {
    const [mark, marker] = [view.getUint8(at), view.getUint8(at + 1)];
    if (mark !== 0xff || marker === startOfScan) break;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && !notFrames.includes(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return { width, height, components: view.getUint8(at + 9) };
    }
    at += 2 + view.getUint16(at + 2);
  }
  throw new FormatError('a damaged JPEG file (no frame before its first scan)');
}
