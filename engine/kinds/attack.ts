/** One attack on every t of a path: loss and error before and after, outcomes of every image, checks of the attack. */
import { mean, median } from 'simple-statistics';
import type { ArtifactRef, Outputs, RunInput } from '../../experiment/records/records.js';
import { rows, type SeriesRow } from '../../experiment/records/rows.js';
import type { AttackSpec } from '../../experiment/kinds/attack.js';
import { buildAttack, cleanAttack, isPlain } from '../../numerics/attacks/methods/build-attack.js';
import { passNames, type ImageShape } from '../../numerics/attacks/procedure/attack.js';
import { singleNetwork } from '../../numerics/attacks/procedure/model-under-attack.js';
import type { AttackOutcome, AttackScores } from '../../numerics/attacks/runner/attack-outcome.js';
import type { AttackProgress } from '../../numerics/attacks/runner/progress.js';
import { createAttackRunner } from '../../numerics/attacks/runner/runner.js';
import {
  adversarialOutput,
  encodeAdversarial,
  encodeOutcomes,
} from '../toolkit/attack-outcomes.js';
import { checkTargetClass } from '../toolkit/check-images.js';
import type { EngineContext } from '../toolkit/context.js';
import { attackBatch } from '../toolkit/data.js';
import { measurePath } from '../toolkit/measure-path.js';

/** Outcome at one t; adversarial examples, where they are kept, are a blob in the object store. */
type Attacked = Omit<AttackOutcome, 'adversarial'> & { readonly adversarial: ArtifactRef | null };

export async function attackPath(
  spec: AttackSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const keepImages = spec.keepImages ?? false;
  // Without a radius there is nothing to search, whatever the method.
  const attackOn = (shape: ImageShape) =>
    spec.epsilon === 0 ? cleanAttack(spec, spec.seed) : buildAttack(spec, shape, spec.seed);
  const { done, measured, selection } = await measurePath<Attacked, AttackProgress>(
    spec,
    inputs,
    context,
    {
      phase: 'attacking',
      makeInstrument: (model, images) => {
        checkTargetClass(spec, { labels: images.labels.dataSync() });
        const batching = { batchSize: attackBatch, keepImages };
        const attack = attackOn(images.shape);
        const { host } = context;
        const runner = createAttackRunner(host, singleNetwork(model), attack, images, batching);
        return {
          batches: runner.calls,
          async measure(t, weights, { pause, within, reached }) {
            // Images of earlier passes are not in a checkpoint: with them a point starts afresh.
            const onPass = keepImages ? () => undefined : reached;
            const outcome = await runner.attack(weights, pause, within, onPass);
            const { adversarial: pixels, ...rest } = outcome;
            const bytes = pixels && encodeAdversarial(t, images.shape, pixels);
            return { ...rest, adversarial: bytes && (await context.blobs.put(bytes)) };
          },
          dispose: () => runner.dispose(),
        };
      },
      rows: (t, outcome) => [
        ...scoreRows(t, outcome),
        ...convergenceRows(t, outcome),
        ...(isPlain(spec) ? [] : checkRows(t, outcome, spec)),
      ],
    },
  );
  const attack = { t: spec.t, attack: spec, passes: passNames(attackOn(measured.shape)) };
  const kept = done.flatMap(({ adversarial }, i) =>
    adversarial ? [[adversarialOutput(spec.t[i]!), adversarial] as const] : [],
  );
  return {
    ...{ ...selection, ...Object.fromEntries(kept) },
    outcomes: await context.blobs.put(encodeOutcomes(attack, measured, done)),
  };
}

function scoreRows(t: number, outcome: AttackScores): readonly SeriesRow<'attack'>[] {
  const { cleanNll, cleanError, robustNll, robustError, n } = outcome;
  return rows(
    'attack',
    { x: t, n },
    {
      clean_nll: cleanNll,
      clean_error: cleanError,
      robust_nll: robustNll,
      robust_error: robustError,
    },
  );
}

/** Below this an adversarial example counts as a stationary point of the loss. */
const converged = 0.01;

function convergenceRows(
  t: number,
  { images: { fosc, relativeFosc }, n }: Pick<AttackOutcome, 'images' | 'n'>,
): readonly SeriesRow<'attack'>[] {
  const relative = [...relativeFosc];
  return rows(
    'attack',
    { x: t, n },
    {
      fosc: mean([...fosc]),
      relative_fosc: median(relative),
      fosc_converged: mean(relative.map((value) => (value < converged ? 1 : 0))),
    },
  );
}

/** Only what was asked for: an attack without a black-box stage says nothing about one. */
function checkRows(
  t: number,
  { checks, targetedSuccess, n }: Pick<AttackOutcome, 'checks' | 'targetedSuccess' | 'n'>,
  spec: AttackSpec,
): readonly SeriesRow<'attack'>[] {
  const hasTarget = spec.method === undefined && spec.target !== undefined;
  const measured = {
    targeted_success: hasTarget ? targetedSuccess : null,
    attack_zero_gradient: checks?.zeroGradient ?? null,
    attack_random: checks?.random ?? null,
    attack_loss_fell: checks?.fell ?? null,
    attack_black_box_gain: checks?.blackBoxGain ?? null,
  };
  return rows('attack', { x: t, n }, measured);
}
