/** One attack on every t of a path: loss and error before and after. */
import type { MetricRow, Outputs, RunInput } from '../../experiment/records.js';
import type { AttackSpec } from '../../experiment/runs.js';
import { createAttacker, type AttackOutcome } from '../../numerics/attacks/attack-evaluation.js';
import { linf } from '../../numerics/attacks/linf.js';
import type { EngineContext } from './context.js';
import { evaluationBatch } from './data.js';
import { measurePath } from './measure-path.js';

export async function attackPath(
  spec: AttackSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  await measurePath(spec, inputs, context, 'attacking', (model, images) => {
    const attacker = createAttacker(context.host, model, linf, spec, images, evaluationBatch);
    return {
      batches: attacker.batches,
      measure: async (t, weights, pause) => rows(t, await attacker.attack(weights, pause)),
      dispose: () => attacker.dispose(),
    };
  });
  return {};
}

function rows(t: number, outcome: AttackOutcome): MetricRow[] {
  return [
    { series: 'clean_nll', x: t, value: outcome.cleanNll },
    { series: 'clean_error', x: t, value: outcome.cleanError },
    { series: 'robust_nll', x: t, value: outcome.robustNll },
    { series: 'robust_error', x: t, value: outcome.robustError },
  ];
}
