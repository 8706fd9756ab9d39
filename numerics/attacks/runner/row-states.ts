/** States of more rows than one batch holds: those of one batch are in the session, the others wait here. */
import * as tf from '@tensorflow/tfjs';
import type { StatefulFunction } from '../../graph/stateful/compile-stateful.js';
import { filled, type Row } from './rows.js';

/** Batches that share a session in turn. */
export interface RowStates {
  /** Makes the session that of a new batch, whose states the next call makes. */
  begin(batch: readonly Row[]): void;
  /** Puts the states of a batch that waits into the session. */
  enter(batch: readonly Row[]): void;
  /** Forgets the states in the session: their batch is finished. */
  drop(): void;
  /** Exchanges the batches for these, of rows that were in them. */
  repack(batches: readonly (readonly Row[])[]): void;
}

/** For batches of `size`; the state of the compiled function is [size, …] each. */
export function createRowStates(
  compiled: Pick<StatefulFunction, 'set' | 'state'>,
  size: number,
): RowStates {
  let waiting: ReadonlyMap<readonly Row[], readonly Float32Array[]> = new Map();
  let shapes: readonly number[][] = [];
  let current: readonly Row[] | null = null;
  const save = (): void => {
    if (current === null) return;
    const state = compiled.state();
    shapes = state.map(({ shape }) => shape);
    const values = state.map((tensor) => tensor.dataSync<'float32'>());
    waiting = new Map([...waiting, [current, values]]);
    tf.dispose(state);
    current = null;
  };
  return {
    begin(batch) {
      save();
      current = batch;
    },
    enter(batch) {
      if (batch === current) return;
      save();
      const state = waiting.get(batch)!.map((values, k) => tf.tensor(values, shapes[k]));
      compiled.set(state);
      tf.dispose(state);
      current = batch;
    },
    drop() {
      current = null;
    },
    repack(batches) {
      save();
      const places = new Map<Row, Place>();
      for (const [batch, values] of waiting) {
        batch.forEach((row, place) => places.set(row, { values, place }));
      }
      waiting = new Map(batches.map((batch) => [batch, gathered(filled(batch, size), places)]));
    },
  };
}

/** State `place` of a batch. */
interface Place {
  readonly values: readonly Float32Array[];
  readonly place: number;
}

/** The state of these rows together. */
function gathered(rows: readonly Row[], places: ReadonlyMap<Row, Place>): readonly Float32Array[] {
  const found = rows.map((row) => places.get(row)!);
  return found[0]!.values.map(({ length }, k) => {
    const each = length / rows.length;
    const all = new Float32Array(length);
    found.forEach(({ values, place }, i) =>
      all.set(values[k]!.subarray(place * each, (place + 1) * each), i * each),
    );
    return all;
  });
}
