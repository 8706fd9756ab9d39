/** An attack crafted at every t of a path and tried at every t: the matrix of what carries over. */
import * as tf from '@tensorflow/tfjs';
import { atPlace } from '../../experiment/metrics.js';
import {
  metricRow,
  type MetricRow,
  type Outputs,
  type RunInput,
} from '../../experiment/records.js';
import type { TransferSpec } from '../../experiment/measurements.js';
import { createAttacker } from '../../numerics/attacks/attack-evaluation.js';
import { normOf } from '../../numerics/attacks/norm-of.js';
import { networkTarget } from '../../numerics/attacks/target.js';
import { createJudge } from '../../numerics/judgement.js';
import { encodeSafetensors } from '../../stores/safetensors.js';
import type { EngineContext } from './context.js';
import { evaluationBatch } from './data.js';
import { measurePath } from './measure-path.js';
import { table } from './table.js';

/** Of the images crafted at one t, at every t in order. */
interface Carried {
  readonly nll: readonly number[];
  readonly error: readonly number[];
}

export async function transferPath(
  spec: TransferSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { done: found, selection } = await measurePath<Carried>(spec, inputs, context, {
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
          const { attacked } = await attacker.attack(weights, pause);
          const [nll, error]: [number[], number[]] = [[], []];
          for (const t of spec.t) {
            const there = await places.at(t);
            const judged = await judge
              .judge(there, pause, attacked!)
              .finally(() => tf.dispose(there));
            nll.push(judged.nll);
            error.push(judged.error);
          }
          return { nll, error };
        },
        dispose() {
          attacker.dispose();
          judge.dispose();
        },
      };
    },
    rows: (t, carried) => rows(spec, t, carried),
  });
  return { ...selection, transfer: await context.blobs.put(encode(spec, found)) };
}

function rows({ t, images }: TransferSpec, crafted: number, carried: Carried): MetricRow[] {
  return t.flatMap((x, i) => [
    metricRow(atPlace('transfer_error', crafted), x, carried.error[i]!, images),
    metricRow(atPlace('transfer_nll', crafted), x, carried.nll[i]!, images),
  ]);
}

/** Both [crafted, tried]. */
function encode({ t, images, attack }: TransferSpec, found: readonly Carried[]): Uint8Array {
  const matrix = (rows: readonly (readonly number[])[]) => table(rows, t.length);
  const tensors = new Map([
    ['transfer_error', matrix(found.map(({ error }) => error))],
    ['transfer_nll', matrix(found.map(({ nll }) => nll))],
  ]);
  return encodeSafetensors(tensors, {
    axes: 'row: t where the attack was crafted; column: t where it was tried',
    images: String(images),
    t: JSON.stringify(t),
    attack: JSON.stringify(attack),
  });
}
