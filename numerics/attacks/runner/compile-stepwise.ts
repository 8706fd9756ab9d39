/** A stepwise procedure compiled: its state stays in a session, and a step of a whole batch is one native call. */
import * as tf from '@tensorflow/tfjs';
import type { Pause } from '../../evaluation/batched.js';
import { batchAt, batchCount, type IndexBatch } from '../../data/batches.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import type { StatefulFunction } from '../../graph/stateful/compile-stateful.js';
import type { ThreatModel } from '../procedure/attack.js';
import type { ModelUnderAttack } from '../procedure/model-under-attack.js';
import { drawsPerStep, type StepwiseProcedure } from '../procedure/procedure.js';
import { checkBounds } from './check-bounds.js';
import type { Batching, CompiledProcedure, Found, PassInputs, Seed } from './compiled-procedure.js';
import { outcomeFields, toOutcome } from './outcomes.js';
import { calls, compileCalls } from './stepwise-calls.js';

/** Compiles the procedure for batches of `batchSize` images. */
export function compileStepwise(
  host: GraphHost,
  attacked: ModelUnderAttack,
  { procedure, threat }: { readonly procedure: StepwiseProcedure; readonly threat: ThreatModel },
  data: ResidentData,
  { batchSize, keepImages }: Batching,
): CompiledProcedure {
  const size = Math.min(batchSize, data.count);
  const settings = { norm: threat.norm, keepImages };
  const compiled = compileCalls(host, attacked, procedure, settings, { data, size });
  const run: CompiledProcedure['run'] = async (weights, inputs, visit, pause) => {
    const { images } = inputs;
    compiled.hold([...weights, data.pixels, data.labels]);
    for (let from = 0; from < images.length; from += size) {
      const batch = batchAt(images, from, size);
      try {
        const start = { seed: inputs.seed(from), inputs };
        const results = await attackBatch(compiled, procedure, batch, start, pause);
        checkBounds(threat, results[0]!);
        const numbers = images.subarray(from, from + batch.count);
        readBatch(results, numbers, procedure.lossFell !== undefined).forEach(visit);
      } finally {
        batch.dispose();
      }
    }
    return null;
  };
  const total = batchCount(data.count, size) * (procedure.steps + 1);
  return { calls: total, run, dispose: () => compiled.dispose() };
}

/** Results of the last call on a batch, image by image. */
function readBatch(
  results: readonly Float32Array[],
  images: Int32Array,
  reportsFall: boolean,
): readonly Found[] {
  const [, hit, targeted, fell, ...outcome] = results;
  const pixels = outcome[outcomeFields.length];
  return Array.from(images, (image, i) => ({
    image,
    outcome: toOutcome(outcome.map((values) => values[i]!)),
    clean: null,
    pixels: pixels ? { batch: pixels, place: i } : null,
    hit: targeted![i] === 1 ? hit![i] === 1 : null,
    fell: reportsFall ? fell![i] === 1 : null,
  }));
}

/** All calls on one batch; the result of the last. */
async function attackBatch(
  compiled: StatefulFunction,
  procedure: StepwiseProcedure,
  batch: IndexBatch,
  { seed, inputs }: { readonly seed: Seed; readonly inputs: PassInputs },
  pause: Pause,
): Promise<readonly Float32Array[]> {
  const { rank, random, untilMisclassified } = inputs;
  const first = (): tf.Tensor[] => [tf.scalar(rank), tf.scalar(random ? 1 : 0)];
  let [left] = callOn(compiled, calls.initialise, batch, seed, first());
  for (let i = 0; i < procedure.steps; i++) {
    await pause();
    if (untilMisclassified && left![0] === 0) break;
    const now = [seed[0], (seed[1] + drawsPerStep * (i + 1)) | 0] as const;
    [left] = callOn(compiled, calls.step, batch, now, procedure.stepInputs(i));
  }
  await pause();
  return callOn(compiled, calls.report, batch, seed, first());
}

/** Reports of one call; disposes of the numbers. */
function callOn(
  compiled: StatefulFunction,
  call: number,
  { indices, weights }: IndexBatch,
  seed: Seed,
  numbers: readonly tf.Tensor[],
): readonly Float32Array[] {
  const given = [tf.tensor1d([...seed], 'int32'), ...numbers];
  try {
    const results = compiled.step(call, [indices, weights, ...given]);
    const values = results.map((result) => result.dataSync<'float32'>());
    tf.dispose(results);
    return values;
  } finally {
    tf.dispose(given);
  }
}
