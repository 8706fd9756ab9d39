/** An attack crafted at every t of a path and tried at every t: the matrix of what carries over. */
import * as tf from '@tensorflow/tfjs';
import { atPlace } from '../../experiment/catalogue/metrics.js';
import {
  metricRow,
  type MetricRow,
  type Outputs,
  type RunInput,
} from '../../experiment/records/records.js';
import type { TransferSpec } from '../../experiment/records/measurements.js';
import {
  createAttacker,
  type ImageOutcomes,
} from '../../numerics/attacks/runner/attack-evaluation.js';
import { normOf } from '../../numerics/attacks/norms/norm-by-name.js';
import { networkTarget } from '../../numerics/attacks/runner/target.js';
import { createJudge } from '../../numerics/evaluation/predict.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import { encodeOutcomes, integers, restartNames } from '../toolkit/attack-outcomes.js';
import type { EngineContext } from '../toolkit/context.js';
import { evaluationBatch } from '../toolkit/data.js';
import { measurePath } from '../toolkit/measure-path.js';
import { table } from '../toolkit/table.js';

/** The images crafted at one t: how they fare there, and at every t in order. */
interface Carried extends ImageOutcomes {
  readonly nll: readonly number[];
  readonly error: readonly number[];
  /** Class of each image, by t. */
  readonly predicted: readonly Float32Array[];
}

export async function transferPath(
  spec: TransferSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const {
    done: found,
    measured,
    selection,
  } = await measurePath<Carried>(spec, inputs, context, {
    phase: 'transfer',
    makeInstrument: (model, images, places) => {
      const { host } = context;
      const batch = evaluationBatch;
      const attacker = createAttacker(
        host,
        networkTarget(model),
        normOf(spec.attack.norm),
        spec.attack,
        images,
        batch,
        'images',
      );
      const judge = createJudge(host, model, images, batch);
      return {
        batches: attacker.batches + spec.t.length * judge.batches,
        async measure(_t, weights, { pause }) {
          const { attacked, clean, images } = await attacker.attack(weights, pause);
          const [nll, error]: [number[], number[]] = [[], []];
          const predicted: Float32Array[] = [];
          for (const t of spec.t) {
            const there = await places.at(t);
            const judged = await judge
              .judge(there, pause, attacked!)
              .finally(() => tf.dispose(there));
            nll.push(judged.nll);
            error.push(judged.error);
            predicted.push(Float32Array.from(judged.predicted));
          }
          return { clean, images, nll, error, predicted };
        },
        dispose() {
          attacker.dispose();
          judge.dispose();
        },
      };
    },
    rows: (t, carried) => rows(spec, t, carried),
  });
  const passes = restartNames(spec.attack);
  const outcomes = encodeOutcomes({ t: spec.t, attack: spec.attack, passes }, measured, found);
  return {
    ...selection,
    transfer: await context.blobs.put(encode(spec, found)),
    outcomes: await context.blobs.put(outcomes),
  };
}

function rows({ t, images }: TransferSpec, crafted: number, carried: Carried): MetricRow[] {
  return t.flatMap((x, i) => [
    metricRow(atPlace('transfer_error', crafted), x, carried.error[i]!, images),
    metricRow(atPlace('transfer_nll', crafted), x, carried.nll[i]!, images),
  ]);
}

/** `transfer_error` and `transfer_nll` [crafted, tried], `prediction` [crafted, tried, images]. */
function encode({ t, images, attack }: TransferSpec, found: readonly Carried[]): Uint8Array {
  const matrix = (rows: readonly (readonly number[])[]) => table(rows, t.length);
  const predicted = found.flatMap((carried) => carried.predicted);
  const tensors = new Map<string, StoredTensor>([
    ['transfer_error', matrix(found.map(({ error }) => error))],
    ['transfer_nll', matrix(found.map(({ nll }) => nll))],
    ['prediction', integers(predicted, [t.length, t.length, images])],
  ]);
  return encodeSafetensors(tensors, {
    axes: 'row: t where the attack was crafted; column: t where it was tried',
    images: String(images),
    t: JSON.stringify(t),
    attack: JSON.stringify(attack),
  });
}
