/** JSON that gives back every number as it was: JSON itself knows no NaN, no infinities and no -0. */

/** A string that no result holds by itself. */
const mark = 'number:';

export function toExactJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0))
      ? `${mark}${Object.is(item, -0) ? '-0' : item}`
      : item,
  );
}

export function fromExactJson(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) =>
    typeof item === 'string' && item.startsWith(mark) ? Number(item.slice(mark.length)) : item,
  );
}
