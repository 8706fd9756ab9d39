/** One attack on every t of a path: loss and error before and after. */
import type { MetricRow, Outputs, RunInput } from '../../experiment/records.js';
import type { AttackSpec } from '../../experiment/runs.js';
import {
  createAttacker,
  type AttackProgress,
  type AttackScores,
} from '../../numerics/attacks/attack-evaluation.js';
import { linf } from '../../numerics/attacks/linf.js';
import type { EngineContext } from './context.js';
import { evaluationBatch } from './data.js';
import { measurePath } from './measure-path.js';

/** Restarts that are over, and what they left of each image, as plain data. */
interface Restarts {
  readonly restarts: number;
  readonly nll: readonly number[];
  readonly wrong: readonly number[];
}

export async function attackPath(
  spec: AttackSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { selection } = await measurePath<AttackScores, Restarts>(spec, inputs, context, {
    phase: 'attacking',
    makeInstrument: (model, images) => {
      const attacker = createAttacker(context.host, model, linf, spec, images, evaluationBatch);
      return {
        batches: attacker.batches,
        async measure(_t, weights, { pause, within, reached }) {
          const from = within && progressOf(within);
          const onRestart = (now: AttackProgress): void => reached(restartsOf(now));
          return scoresOf(await attacker.attack(weights, pause, from, onRestart));
        },
        dispose: () => attacker.dispose(),
      };
    },
    rows,
  });
  return selection;
}

/** Without the single images. */
function scoresOf({ cleanNll, cleanError, robustNll, robustError, n }: AttackScores): AttackScores {
  return { cleanNll, cleanError, robustNll, robustError, n };
}

function restartsOf({ restarts, images }: AttackProgress): Restarts {
  return { restarts, nll: Array.from(images.nll), wrong: Array.from(images.wrong) };
}

function progressOf({ restarts, nll, wrong }: Restarts): AttackProgress {
  return { restarts, images: { nll: Float32Array.from(nll), wrong: Float32Array.from(wrong) } };
}

function rows(t: number, outcome: AttackScores): MetricRow[] {
  return [
    { series: 'clean_nll', x: t, value: outcome.cleanNll },
    { series: 'clean_error', x: t, value: outcome.cleanError },
    { series: 'robust_nll', x: t, value: outcome.robustNll },
    { series: 'robust_error', x: t, value: outcome.robustError },
  ];
}
