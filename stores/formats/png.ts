/** PNG pictures of 8 bits or fewer a channel, as bytes of grey or colour. */
import { PNG } from 'pngjs';
import { FormatError } from './format-error.js';
import type { Picture } from './picture.js';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Signature, length and type of the first chunk, its 13 bytes. */
const headerEnd = 29;
/** Bit of the colour type. */
const coloured = 2;

/** Whether the bytes begin as a PNG file does. */
export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/** Throws a FormatError for what is no PNG, has more pixels than `mostPixels`, or has values that bytes cannot hold. */
export function decodePng(bytes: Uint8Array, mostPixels: number): Picture {
  const { isColoured } = checkHeader(bytes, mostPixels);
  const { width, height, data } = decode(bytes);
  const channels = isColoured ? 3 : 1;
  const pixels = new Uint8Array(width * height * channels);
  for (let p = 0; p < width * height; p++) {
    if (data[4 * p + 3] !== 255) throw new FormatError('it has transparent pixels');
    for (let c = 0; c < channels; c++) pixels[p * channels + c] = data[4 * p + c]!;
  }
  return { width, height, channels, pixels };
}

/** A picture in colour as a PNG file. */
export function encodePng({
  width,
  height,
  pixels,
}: Picture & { readonly channels: 3 }): Uint8Array {
  const colour = { colorType: 2, inputColorType: 2, inputHasAlpha: false } as const;
  const png = new PNG({ width, height, ...colour });
  png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return PNG.sync.write(png, colour);
}

/** Before anything is unpacked: the decoder takes memory for what the header says. */
function checkHeader(bytes: Uint8Array, mostPixels: number): { readonly isColoured: boolean } {
  if (!isPng(bytes) || bytes.length < headerEnd) throw new FormatError('not a PNG file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colourType] = [view.getUint8(24), view.getUint8(25)];
  if (width * height > mostPixels) {
    throw new FormatError(`${width} x ${height} pixels; at most ${mostPixels} are read`);
  }
  if (depth > 8) throw new FormatError(`${depth} bits a channel; save it with 8`);
  // Unpacked without a bound by the decoder.
  if (view.getUint8(28) !== 0) throw new FormatError('interlaced; save it without');
  return { isColoured: (colourType & coloured) !== 0 };
}

function decode(bytes: Uint8Array): PNG {
  try {
    return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`a damaged PNG file (${reason})`, { cause });
  }
}
