/** Transfer of an attack: crafted at every t of a path and evaluated at every t. */
import * as tf from '@tensorflow/tfjs';
import { craftedAt } from '../../experiment/kinds/series.js';
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import { row, type SeriesRow } from '../../experiment/records/rows.js';
import type { TransferSpec } from '../../experiment/kinds/transfer.js';
import { buildAttack } from '../../numerics/attacks/methods/build-attack.js';
import { passNames } from '../../numerics/attacks/procedure/attack.js';
import { singleNetwork } from '../../numerics/attacks/procedure/model-under-attack.js';
import type { ImageOutcomes } from '../../numerics/attacks/runner/attack-outcome.js';
import { createAttackRunner } from '../../numerics/attacks/runner/runner.js';
import { createPredictor } from '../../numerics/evaluation/predict.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import { encodeOutcomes, integers } from '../toolkit/attack-outcomes.js';
import type { EngineContext } from '../toolkit/context.js';
import { attackBatch } from '../toolkit/data.js';
import { measurePath } from '../toolkit/measure-path.js';
import { table } from '../toolkit/table.js';

/** Adversarial examples crafted at one t: their outcomes there, and their scores at every t in order. */
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
      const { attack } = spec;
      const runner = createAttackRunner(
        host,
        singleNetwork(model),
        buildAttack(attack, images.shape, attack.seed),
        images,
        { batchSize: attackBatch, keepImages: true },
      );
      const predictor = createPredictor(host, model, images, attackBatch);
      return {
        batches: runner.calls + spec.t.length * predictor.calls,
        async measure(_t, weights, { pause }) {
          const { adversarial, clean, images } = await runner.attack(weights, pause);
          const [nll, error]: [number[], number[]] = [[], []];
          const predicted: Float32Array[] = [];
          for (const t of spec.t) {
            const network = await places.at(t);
            const there = await predictor
              .predict(network, pause, adversarial!)
              .finally(() => tf.dispose(network));
            nll.push(there.nll);
            error.push(there.error);
            predicted.push(Float32Array.from(there.predicted));
          }
          return { clean, images, nll, error, predicted };
        },
        dispose() {
          runner.dispose();
          predictor.dispose();
        },
      };
    },
    rows: (t, carried) => matrixRows(spec, t, carried),
  });
  const passes = passNames(buildAttack(spec.attack, measured.shape, spec.attack.seed));
  const outcomes = encodeOutcomes({ t: spec.t, attack: spec.attack, passes }, measured, found);
  return {
    ...selection,
    transfer: await context.blobs.put(encode(spec, found)),
    outcomes: await context.blobs.put(outcomes),
  };
}

function matrixRows(
  { t, images: n }: TransferSpec,
  crafted: number,
  { error, nll }: Carried,
): readonly SeriesRow<'transfer'>[] {
  return t.flatMap((x, i) => [
    row('transfer', craftedAt('transfer_error', crafted), { x, n }, error[i]!),
    row('transfer', craftedAt('transfer_nll', crafted), { x, n }, nll[i]!),
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
