// States of rows that share a session: each row finds its own again, wherever it goes on.
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createRowStates } from '../../../numerics/attacks/runner/row-states.js';
import { batchesOf, type Row } from '../../../numerics/attacks/runner/rows.js';
import { expectNoLeaks, values } from '../engine.js';

expectNoLeaks();

test('states follow their rows from batch to batch', () => {
  const size = 3;
  const rows: readonly Row[] = Array.from({ length: 8 }, (_, image) => ({
    ...{ image, pass: 0, rank: 1, random: true, seed: [image, 0] },
  }));
  let session: number[] = [];
  const states = createRowStates(
    {
      set: ([state]) => (session = values(state!)),
      state: () => [tf.tensor2d(session, [size, 2])],
    },
    size,
  );
  const expected = new Map<Row, number>();
  const advance = (batch: readonly Row[], by: number) => {
    batch.forEach((row, i) => {
      if (expected.has(row)) {
        expect(session.slice(2 * i, 2 * i + 2)).toEqual([row.image, expected.get(row)]);
      }
      session.splice(2 * i, 2, row.image, by);
      expected.set(row, by);
    });
  };
  const batches = batchesOf(rows, size);
  for (const batch of batches) {
    states.begin(batch);
    session = Array.from({ length: 2 * size }, () => -1);
    advance(batch, 1);
  }
  for (const batch of batches.toReversed()) {
    states.enter(batch);
    advance(batch, 2);
  }
  const left = batchesOf(
    rows.filter(({ image }) => image % 3 !== 1),
    size,
  );
  states.repack(left);
  for (const batch of left) {
    states.enter(batch);
    advance(batch, 3);
    states.drop();
  }
  expect([...expected.values()]).toEqual([3, 2, 3, 3, 2, 3, 3, 2]);
});
