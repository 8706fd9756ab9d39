/** JSON that round-trips every number: NaN, infinities, -0 and typed arrays included. */

/** No result holds a string that begins so. */
const numberMark = 'number:';
const float32Mark = 'float32:';

export function toExactJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof Float32Array) {
      return `${float32Mark}${Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString('base64')}`;
    }
    return typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0))
      ? `${numberMark}${Object.is(item, -0) ? '-0' : item}`
      : item;
  });
}

export function fromExactJson(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'string') return item;
    if (item.startsWith(numberMark)) return Number(item.slice(numberMark.length));
    return item.startsWith(float32Mark) ? float32s(item.slice(float32Mark.length)) : item;
  });
}

/** In memory of its own, since views need aligned bytes. */
function float32s(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}
