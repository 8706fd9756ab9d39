/** A stepwise procedure compiled: rows advance together, and those that are misclassified may leave. */
import type { Pause } from '../../evaluation/batched.js';
import { batchCount } from '../../data/batches.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import type { ThreatModel } from '../procedure/attack.js';
import type { ModelUnderAttack } from '../procedure/model-under-attack.js';
import type { StepwiseProcedure } from '../procedure/procedure.js';
import { batchCalls, type BatchCalls } from './batch-calls.js';
import type { Batching, CompiledProcedure, Found } from './compiled-procedure.js';
import { createRowStates, type RowStates } from './row-states.js';
import { batchesOf, type Row } from './rows.js';
import { compileCalls } from './stepwise-calls.js';

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
  const settings = { threat, keepImages };
  const compiled = compileCalls(host, attacked, procedure, settings, { data, size });
  const { steps } = procedure;
  const ends = leaves && procedure.misclassified ? leavingSteps(steps) : [steps];
  const calls = batchCalls(compiled, procedure, threat, size);
  const run: CompiledProcedure['run'] = async (weights, { rows, worst }, visit, pause) => {
    compiled.hold([...weights, data.pixels, data.labels]);
    const needed = ({ image }: Row): boolean => !leaves || worst.wrong[image]! < 1;
    let waiting = rows;
    while (waiting.length > 0) {
      const together = waiting.slice(0, leaves ? batchesPerWave * size : size);
      const states = createRowStates(compiled, size);
      const found = await attackRows(together, { calls, states, ends, size }, pause);
      for (const one of found) if (needed(one.row)) visit(one);
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

/** How rows are carried out: up to one of the `ends` after the other, in batches of `size`. */
interface Course {
  readonly calls: BatchCalls;
  readonly states: RowStates;
  readonly ends: readonly number[];
  readonly size: number;
}

/** Results of the rows, in their order. */
async function attackRows(
  rows: readonly Row[],
  { calls, states, ends, size }: Course,
  pause: Pause,
): Promise<readonly Found[]> {
  const done = new Map<Row, Found>();
  const last = ends.at(-1)!;
  let batches = batchesOf(rows, size);
  let from = 0;
  for (const end of ends) {
    for (const batch of batches) {
      if (from === 0) states.begin(batch);
      else states.enter(batch);
      let fooled = from === 0 ? calls.initialise(batch) : null;
      for (let i = from; i < end; i++) {
        await pause();
        fooled = calls.step(batch, i);
      }
      const leaves = (i: number): boolean => end === last || fooled![i] === 1;
      if (!batch.some((row, i) => leaves(i) && !done.has(row))) continue;
      calls.report(batch).forEach((found, i) => {
        const counts = end === last || (leaves(i) && found.outcome.wrong === 1);
        if (counts && !done.has(found.row)) done.set(found.row, found);
      });
      if (end === last) states.drop();
      await pause();
    }
    from = end;
    const left = rows.filter((row) => !done.has(row));
    if (batchCount(left.length, size) < batches.length) {
      batches = batchesOf(left, size);
      states.repack(batches);
    } else batches = batches.toReversed(); // The batch in the session goes on first.
  }
  return rows.map((row) => done.get(row)!);
}
