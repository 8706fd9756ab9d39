/** The native calls of a stepwise procedure on a batch of rows, whose state stays in a session from one to the next. */
import * as tf from '@tensorflow/tfjs';
import { batchAt } from '../../data/batches.js';
import type { StatefulFunction } from '../../graph/stateful/compile-stateful.js';
import type { ThreatModel } from '../procedure/attack.js';
import { drawsPerStep, type StepwiseProcedure } from '../procedure/procedure.js';
import { checkBounds } from './check-bounds.js';
import type { Found } from './compiled-procedure.js';
import { outcomeFields, toOutcome } from './outcomes.js';
import { filled, seedTensor, type Row } from './rows.js';
import { calls } from './stepwise-calls.js';

/** Calls on the batch whose state is in the session. */
export interface BatchCalls {
  /** Which rows are known to be misclassified at their start, 1 or 0. */
  initialise(batch: readonly Row[]): Float32Array;
  /** The same after step `i`, from 0. */
  step(batch: readonly Row[], i: number): Float32Array;
  /** Results as they are now; throws where they violate the threat model. */
  report(batch: readonly Row[]): readonly Found[];
}

/** For batches of at most `size` rows. */
export function batchCalls(
  compiled: Pick<StatefulFunction, 'step'>,
  procedure: StepwiseProcedure,
  threat: ThreatModel,
  size: number,
): BatchCalls {
  const call = (
    which: number,
    batch: readonly Row[],
    offset: number,
    numbers: readonly tf.Tensor[],
  ): readonly Float32Array[] => {
    const whole = filled(batch, size);
    const { indices, weights } = batchAt(
      Int32Array.from(whole, ({ image }) => image),
      0,
      size,
    );
    const given = [indices, weights, seedTensor(whole, size, offset), ...numbers];
    try {
      const results = compiled.step(which, given);
      const values = results.map((result) => result.dataSync<'float32'>());
      tf.dispose(results);
      return values;
    } finally {
      tf.dispose(given);
    }
  };
  const first = (batch: readonly Row[]): tf.Tensor[] => [
    tf.tensor1d(filled(batch, size).map(({ rank }) => rank)),
    tf.tensor1d(filled(batch, size).map(({ random }) => (random ? 1 : 0))),
  ];
  return {
    initialise: (batch) => call(calls.initialise, batch, 0, first(batch))[0]!,
    step: (batch, i) =>
      call(calls.step, batch, drawsPerStep * (i + 1), procedure.stepInputs(i))[0]!,
    report(batch) {
      const results = call(calls.report, batch, 0, first(batch));
      checkBounds(threat, results[0]!);
      return readBatch(results, batch, procedure.lossFell !== undefined);
    },
  };
}

/** Results of the last call on a batch, row by row. */
function readBatch(
  results: readonly Float32Array[],
  batch: readonly Row[],
  reportsFall: boolean,
): readonly Found[] {
  const [, hit, targeted, fell, ...outcome] = results;
  const pixels = outcome[outcomeFields.length];
  return batch.map((row, i) => ({
    row,
    outcome: toOutcome(outcome.map((values) => values[i]!)),
    clean: null,
    pixels: pixels ? { batch: pixels, place: i } : null,
    hit: targeted![i] === 1 ? hit![i] === 1 : null,
    fell: reportsFall ? fell![i] === 1 : null,
  }));
}
