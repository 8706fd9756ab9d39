/** Rows of numbers as one float64 tensor. */

export interface Table {
  readonly dtype: 'F64';
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** [rows, columns]; a row that has fewer ends in numbers that are none. */
export function table(rows: readonly (readonly number[])[], columns: number): Table {
  const data = new Float64Array(rows.length * columns).fill(NaN);
  rows.forEach((row, i) => data.set(row.slice(0, columns), i * columns));
  return { dtype: 'F64', shape: [rows.length, columns], data };
}
