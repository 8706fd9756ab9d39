/** An unrolled procedure compiled: the whole attack on a batch, scores included, as one graph or a loop of a few. */
import * as tf from '@tensorflow/tfjs';
import { overBatches, type BatchLoop } from '../../evaluation/batched.js';
import { weightedSums } from '../../evaluation/evaluate.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import { imageDraws } from '../../graph/draws.js';
import type { ThreatModel } from '../procedure/attack.js';
import { scoreImages, type ModelUnderAttack } from '../procedure/model-under-attack.js';
import type { UnrolledProcedure } from '../procedure/procedure.js';
import { stationarity } from '../procedure/stationarity.js';
import { checkBounds } from './check-bounds.js';
import type { Batching, CompiledProcedure, PassInputs, PassScores } from './compiled-procedure.js';
import { initialOutcomes, outcomeFields, toOutcome } from './outcomes.js';
import { seedTensor } from './rows.js';
import { worse } from './worst-case.js';

/**
 * Compiles the procedure for batches of `batchSize` images. A pass goes over all images; it takes the outcomes of earlier
 * passes and merges its own into them, so that the graphs can add up the scores of the worst case.
 */
export function compileUnrolled(
  host: GraphHost,
  attacked: ModelUnderAttack,
  { procedure, threat }: { readonly procedure: UnrolledProcedure; readonly threat: ThreatModel },
  data: ResidentData,
  { batchSize, keepImages }: Batching,
): CompiledProcedure {
  const size = Math.min(batchSize, data.count);
  const work = attackLoop(attacked, procedure, threat, keepImages);
  const example = { rows: [], worst: initialOutcomes(data.count) };
  const batches = overBatches(host, attacked.model, data, size, {
    work,
    exampleExtra: () => passTensors(example, 0, size),
  });
  const run: CompiledProcedure['run'] = async (weights, inputs, visit, pause) => {
    const sums = [0, 0, 0, 0];
    await batches.run(
      weights,
      ({ from, count, outputs }) => {
        const [clean, robust, extremes, nll, predicted, ...rest] = outputs;
        checkBounds(threat, extremes!);
        [...clean!, ...robust!].forEach((value, i) => (sums[i]! += value));
        const pixels = rest[outcomeFields.length];
        for (let i = 0; i < count; i++) {
          visit({
            row: inputs.rows[from + i]!,
            outcome: toOutcome(rest.map((values) => values[i]!)),
            clean: { nll: nll![i]!, predicted: predicted![i]! },
            pixels: pixels ? { batch: pixels, place: i } : null,
            ...{ hit: null, fell: null },
          });
        }
      },
      pause,
      (from) => passTensors(inputs, from, size),
    );
    return meanScores(sums, data.count);
  };
  return { calls: batches.calls, run, dispose: () => batches.dispose() };
}

/**
 * The loop on a batch: its inputs after the images are the seeds [batch, 2] and earlier outcomes, [batch] for each field. It reports
 * [Σ CE, Σ wrong] of the clean images and of the worst case, [longest perturbation, least, largest pixel], cross-entropy
 * and class of the clean images, the worst outcomes and, if images are kept, the adversarial examples of this pass.
 */
function attackLoop(
  attacked: ModelUnderAttack,
  procedure: UnrolledProcedure,
  threat: ThreatModel,
  keepImages: boolean,
): BatchLoop {
  const open: BatchLoop['open'] = (parameters, { images, labels, weights }, seeds, ...before) => {
    const batch = { images, labels, networks: attacked.networks(parameters) };
    return {
      begin: () => procedure.initialise(batch, imageDraws(seeds)),
      step: (state) => procedure.takeStep(batch, state),
      finish(state) {
        const adversarial = procedure.result(state);
        const distance = threat.norm.length(tf.sub(adversarial, images));
        const clean = scoreImages(batch, images);
        const scored = { ...scoreImages(batch, adversarial), distance };
        const found = { ...scored, ...stationarity(batch, threat, adversarial) };
        const worst = worse(toOutcome(before), found);
        return [
          weightedSums([clean.nll, clean.wrong], weights),
          weightedSums([worst.nll, worst.wrong], weights),
          tf.stack([tf.max(distance), tf.min(adversarial), tf.max(adversarial)]),
          ...[clean.nll, clean.predicted],
          ...outcomeFields.map((field) => worst[field]),
          ...(keepImages ? [adversarial] : []),
        ];
      },
    };
  };
  return { steps: procedure.steps, open };
}

/** Seeds and earlier outcomes of the batch that starts at image `from`, padded to its size. */
function passTensors({ rows, worst }: PassInputs, from: number, size: number): tf.Tensor[] {
  return [
    seedTensor(rows.slice(from, from + size), size),
    ...outcomeFields.map((field) => padded(worst[field].subarray(from, from + size), size)),
  ];
}

function padded(values: Float32Array, size: number): tf.Tensor {
  const whole = new Float32Array(size);
  whole.set(values);
  return tf.tensor1d(whole);
}

function meanScores(sums: readonly number[], n: number): PassScores {
  const [cleanNll, cleanWrong, robustNll, robustWrong] = sums as [number, number, number, number];
  return {
    ...{ cleanNll: cleanNll / n, cleanError: (100 * cleanWrong) / n },
    ...{ robustNll: robustNll / n, robustError: (100 * robustWrong) / n },
  };
}
