/** Fields by names that a person gave: own ones alone, since every object also answers to `toString` and its like. */

export function hasOwn<K extends string>(
  record: Readonly<Record<K, unknown>>,
  name: string,
): name is K {
  return Object.hasOwn(record, name);
}

export function ownField<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
