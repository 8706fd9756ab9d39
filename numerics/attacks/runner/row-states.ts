/** States of more rows than one batch holds: those of one batch are in the session, the others wait here. */
import * as tf from '@tensorflow/tfjs';
import type { StatefulFunction } from '../../graph/stateful/compile-stateful.js';
import { filled, type Row } from './rows.js';

/** Rows that share a session in turn. */
export interface RowStates {
  /** Puts the states of these rows, which have been in a batch before, into the session, in this order. */
  enter(batch: readonly Row[]): void;
  /** Makes the session that of these rows, whose states the next call makes. */
  begin(batch: readonly Row[]): void;
}

/** For batches of `size`; the state of the compiled function is [size, …] each. */
export function createRowStates(
  compiled: Pick<StatefulFunction, 'set' | 'state'>,
  size: number,
): RowStates {
  const waiting = new Map<Row, readonly Float32Array[]>();
  let shapes: readonly number[][] = [];
  let current: readonly Row[] = [];
  const save = (): void => {
    if (current.length === 0) return;
    const state = compiled.state();
    shapes = state.map(({ shape }) => shape);
    const values = state.map((tensor) => tensor.dataSync<'float32'>());
    tf.dispose(state);
    current.forEach((row, i) =>
      waiting.set(
        row,
        values.map((all) => all.slice((i * all.length) / size, ((i + 1) * all.length) / size)),
      ),
    );
  };
  const load = (batch: readonly Row[]): void => {
    const state = shapes.map((shape, k) => {
      const all = new Float32Array(shape.reduce((product, length) => product * length, 1));
      filled(batch, size).forEach((row, i) =>
        all.set(waiting.get(row)![k]!, (i * all.length) / size),
      );
      return tf.tensor(all, shape);
    });
    compiled.set(state);
    tf.dispose(state);
  };
  return {
    enter(batch) {
      if (batch === current) return;
      save();
      load(batch);
      current = batch;
    },
    begin(batch) {
      save();
      current = batch;
    },
  };
}
