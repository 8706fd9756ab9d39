/** A stepwise procedure compiled: its state stays in a session, and a step of a whole batch is one native call. */
import * as tf from '@tensorflow/tfjs';
import { batchAt, batchCount } from '../../data/batches.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import type { ThreatModel } from '../procedure/attack.js';
import type { ModelUnderAttack } from '../procedure/model-under-attack.js';
import { drawsPerStep, type StepwiseProcedure } from '../procedure/procedure.js';
import { checkBounds } from './check-bounds.js';
import type { Batching, CompiledProcedure, Found } from './compiled-procedure.js';
import { outcomeFields, toOutcome } from './outcomes.js';
import { createRowStates } from './row-states.js';
import { batchesOf, filled, seedTensor, type Row } from './rows.js';
import { calls, compileCalls } from './stepwise-calls.js';

/** Rows that are attacked together; their states wait in memory while others are in the session. */
const batchesPerWave = 8;

/** A procedure, and whether images leave it once they are misclassified. */
export interface StepwiseWork {
  readonly procedure: StepwiseProcedure;
  readonly threat: ThreatModel;
  readonly leaves: boolean;
}

/**
 * Compiles the procedure for batches of `batchSize` images. Where images leave, they do so after 2, 4, 8, … steps, if the
 * procedure knows them to be misclassified and so they score in float32; the others are packed into fewer batches.
 */
export function compileStepwise(
  host: GraphHost,
  attacked: ModelUnderAttack,
  { procedure, threat, leaves }: StepwiseWork,
  data: ResidentData,
  { batchSize, keepImages }: Batching,
): CompiledProcedure {
  const size = Math.min(batchSize, data.count);
  const settings = { norm: threat.norm, keepImages };
  const compiled = compileCalls(host, attacked, procedure, settings, { data, size });
  const { steps } = procedure;
  const ends = leaves ? leavingSteps(steps) : [steps];

  const call = (
    which: number,
    batch: readonly Row[],
    offset: number,
    numbers: readonly tf.Tensor[],
  ) => {
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
  const report = (batch: readonly Row[]): readonly Found[] => {
    const results = call(calls.report, batch, 0, first(batch));
    checkBounds(threat, results[0]!);
    return readBatch(results, batch, procedure.lossFell !== undefined);
  };

  const wave = async (rows: readonly Row[], pause: () => void | Promise<void>) => {
    const states = createRowStates(compiled, size);
    const done = new Map<Row, Found>();
    let batches = batchesOf(rows, size);
    let from = 0;
    for (const end of ends) {
      for (const batch of batches) {
        let fooled: Float32Array | undefined;
        if (from === 0) {
          states.begin(batch);
          [fooled] = call(calls.initialise, batch, 0, first(batch));
        } else states.enter(batch);
        for (let i = from; i < end; i++) {
          await pause();
          [fooled] = call(calls.step, batch, drawsPerStep * (i + 1), procedure.stepInputs(i));
        }
        const isLast = end === steps;
        const mayLeave = (i: number): boolean => isLast || fooled![i] === 1;
        if (!batch.some((row, i) => mayLeave(i) && !done.has(row))) continue;
        report(batch).forEach((found, i) => {
          const leavesNow = isLast || (mayLeave(i) && found.outcome.wrong === 1);
          if (leavesNow && !done.has(batch[i]!)) done.set(batch[i]!, found);
        });
        await pause();
      }
      from = end;
      const left = rows.filter((row) => !done.has(row));
      if (left.length === 0) break;
      if (batchCount(left.length, size) < batches.length) batches = batchesOf(left, size);
    }
    return rows.map((row) => done.get(row)!);
  };

  const run: CompiledProcedure['run'] = async (weights, { rows, worst }, visit, pause) => {
    compiled.hold([...weights, data.pixels, data.labels]);
    const needed = ({ image }: Row): boolean => !leaves || worst.wrong[image]! < 1;
    let waiting = rows;
    while (waiting.length > 0) {
      const together = waiting.slice(0, leaves ? batchesPerWave * size : size);
      for (const found of await wave(together, pause)) if (needed(found.row)) visit(found);
      waiting = waiting.slice(together.length).filter(needed);
    }
    return null;
  };
  const total = batchCount(data.count, size) * (steps + ends.length);
  return { calls: total, run, dispose: () => compiled.dispose() };
}

/** Steps after which images may leave: 2, 4, 8, … and the last. */
export function leavingSteps(steps: number): readonly number[] {
  const ends: number[] = [];
  for (let end = 2; end < steps; end *= 2) ends.push(end);
  return [...ends, steps];
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
