/** A procedure compiled: its state stays in a session, and a step of a whole batch is one native call. */
import * as tf from '@tensorflow/tfjs';
import type { Pause } from '../../evaluation/batched.js';
import { batchAt, type IndexBatch } from '../../data/batches.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import type { StatefulFunction } from '../../graph/compile-stateful.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { checkBounds, type Bounds } from './bounds.js';
import type { Outcome } from './outcomes.js';
import { calls, compileCalls } from './procedure-calls.js';
import { drawsPerStep, type Procedure } from './procedure.js';

export type Seed = readonly [number, number];

/** What it is run with, beside the images. */
export interface Start {
  /** Of the batch that starts at place `from`. */
  readonly seed: (from: number) => Seed;
  readonly rank: number;
  readonly random: boolean;
  /** A batch ends when all of it is misclassified, if the procedure knows. */
  readonly untilFooled: boolean;
}

/** What it did to one image. */
export interface Found {
  readonly image: number;
  readonly outcome: Outcome;
  /** The adversarial example as image `place` of a batch [batch · size]; null: not asked for. */
  readonly pixels: { readonly batch: Float32Array; readonly place: number } | null;
  /** Whether it is taken for the class aimed at, where that is not its own; null: no such aim. */
  readonly hit: boolean | null;
  /** Whether its loss fell from half of the steps to the last; null: the procedure has no such loss. */
  readonly fell: boolean | null;
}

export interface CompiledProcedure {
  readonly steps: number;
  /** Attacks the images of these numbers. `pause` follows every call. */
  run(
    weights: ParameterTensors,
    images: Int32Array,
    start: Start,
    visit: (found: Found) => void,
    pause: Pause,
  ): Promise<void>;
  dispose(): void;
}

export interface Batching {
  readonly batchSize: number;
  /** Whether the adversarial examples are reported, beside what they do. */
  readonly withImages: boolean;
}

export function compileProcedure(
  host: GraphHost,
  model: Model,
  procedure: Procedure,
  bounds: Bounds,
  data: ResidentData,
  { batchSize, withImages }: Batching,
): CompiledProcedure {
  const size = Math.min(batchSize, data.count);
  const reported = { norm: bounds.norm, withImages };
  const compiled = compileCalls(host, model, procedure, reported, data, size);
  const run: CompiledProcedure['run'] = async (weights, images, start, visit, pause) => {
    compiled.hold([...weights, data.pixels, data.labels]);
    for (let from = 0; from < images.length; from += size) {
      const batch = batchAt(images, from, size);
      try {
        const seed = start.seed(from);
        const results = await attackBatch(compiled, procedure, batch, seed, start, pause);
        const [extremes, hit, aimed, fell, nll, wrong, predicted, distance, pixels] = results;
        checkBounds(bounds, extremes!);
        for (let i = 0; i < batch.count; i++) {
          visit({
            image: images[from + i]!,
            outcome: {
              ...{ nll: nll![i]!, wrong: wrong![i]! },
              ...{ predicted: predicted![i]!, distance: distance![i]! },
            },
            pixels: pixels ? { batch: pixels, place: i } : null,
            hit: aimed![i] === 1 ? hit![i] === 1 : null,
            fell: procedure.fell ? fell![i] === 1 : null,
          });
        }
      } finally {
        batch.dispose();
      }
    }
  };
  return { steps: procedure.steps, run, dispose: () => compiled.dispose() };
}

/** From the first call on a batch to the last, and what that one reports. */
async function attackBatch(
  compiled: StatefulFunction,
  procedure: Procedure,
  batch: IndexBatch,
  seed: Seed,
  { rank, random, untilFooled }: Start,
  pause: Pause,
): Promise<readonly Float32Array[]> {
  const given = (): tf.Tensor[] => [tf.scalar(rank), tf.scalar(random ? 1 : 0)];
  let [left] = callOn(compiled, calls.begin, batch, seed, given());
  for (let i = 0; i < procedure.steps; i++) {
    await pause();
    if (untilFooled && left![0] === 0) break;
    const now = [seed[0], (seed[1] + drawsPerStep * (i + 1)) | 0] as const;
    [left] = callOn(compiled, calls.step, batch, now, procedure.numbers(i));
  }
  await pause();
  return callOn(compiled, calls.finish, batch, seed, given());
}

/** What one call reports; disposes of the numbers. */
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
