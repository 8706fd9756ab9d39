/** One attack on every t of a path: loss and error before and after, outcomes of every image, checks of the attack. */
import type * as tf from '@tensorflow/tfjs';
import type { ArtifactRef, Outputs, RunInput } from '../../experiment/records/records.js';
import { rows, type SeriesRow } from '../../experiment/records/rows.js';
import type { PgdMethod } from '../../experiment/catalogue/attack-methods.js';
import type { AttackSpec } from '../../experiment/records/measurements.js';
import {
  createAttacker,
  type AttackOutcome,
  type AttackScores,
} from '../../numerics/attacks/runner/attack-evaluation.js';
import { sequenceOf } from '../../numerics/attacks/runner/methods.js';
import { normOf } from '../../numerics/attacks/norms/norm-by-name.js';
import {
  createSequencer,
  passNames,
  type SequenceScores,
} from '../../numerics/attacks/runner/sequence.js';
import { networkTarget } from '../../numerics/attacks/runner/target.js';
import type { Pause } from '../../numerics/evaluation/batched.js';
import type { ResidentData } from '../../numerics/data/resident.js';
import type { Model } from '../../numerics/models/model.js';
import {
  adversarialOutput,
  encodeAdversarial,
  encodeOutcomes,
  restartNames,
} from '../toolkit/attack-outcomes.js';
import { checkAim } from '../toolkit/check-images.js';
import type { EngineContext } from '../toolkit/context.js';
import { evaluationBatch } from '../toolkit/data.js';
import { measurePath } from '../toolkit/measure-path.js';

/** Outcome at one t; adversarial examples, where they are kept, are a blob in the object store. */
type Attacked<Outcome> = Omit<Outcome, 'attacked'> & { readonly adversarial: ArtifactRef | null };

/** An attack compiled for a set of images, resumable within one t. */
interface CompiledAttack<Outcome extends AttackOutcome, Progress> {
  readonly batches: number;
  attack(
    weights: tf.Tensor[],
    pause: Pause,
    from: Progress | null,
    reached: (progress: Progress) => void,
  ): Promise<Outcome>;
  dispose(): void;
}

interface Attack<Outcome extends AttackOutcome, Progress> {
  readonly compile: (model: Model, images: ResidentData) => CompiledAttack<Outcome, Progress>;
  readonly rows: (t: number, outcome: Attacked<Outcome>) => readonly SeriesRow<'attack'>[];
  readonly passes: (shape: ResidentData['shape']) => readonly string[];
}

export async function attackPath(
  spec: AttackSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  // Without a radius there is no ascent, whose graph would compute for nothing.
  return isPlain(spec) && spec.epsilon > 0
    ? measureAttack(plainAscent(spec, context), spec, inputs, context)
    : measureAttack(inPasses(spec, context), spec, inputs, context);
}

/** Gradient ascent on the cross-entropy and nothing else: the whole attack is one graph. */
function isPlain(spec: AttackSpec): spec is AttackSpec & PgdMethod {
  if (spec.method !== undefined) return false;
  const { loss, target, momentum, pixels, checks } = spec;
  return [loss, target, momentum, pixels, checks].every((field) => field === undefined);
}

function plainAscent(spec: AttackSpec & PgdMethod, { host }: EngineContext) {
  const keep = spec.keepImages ? 'images' : 'scores';
  return {
    compile: (model: Model, images: ResidentData) =>
      createAttacker(
        ...([host, networkTarget(model), normOf(spec.norm), spec, images] as const),
        ...([evaluationBatch, keep] as const),
      ),
    rows: scoreRows,
    passes: () => restartNames(spec),
  };
}

/** Every other attack, pass by pass. */
function inPasses(spec: AttackSpec, { host }: EngineContext) {
  const { norm, epsilon, seed } = spec;
  const batching = { batchSize: evaluationBatch, withImages: spec.keepImages ?? false };
  const sequence = (shape: ResidentData['shape']) => sequenceOf(spec, shape, seed);
  const bounds = { norm: normOf(norm), epsilon };
  return {
    compile: (model: Model, images: ResidentData) =>
      createSequencer(host, model, sequence(images.shape), bounds, images, batching),
    rows: (t: number, scores: SequenceScores) => [
      ...scoreRows(t, scores),
      ...(isPlain(spec) ? [] : checkRows(t, scores, spec)),
    ],
    passes: (shape: ResidentData['shape']) => passNames(sequence(shape)),
  };
}

async function measureAttack<Outcome extends AttackOutcome, Progress>(
  { compile, rows, passes }: Attack<Outcome, Progress>,
  spec: AttackSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { done, measured, selection } = await measurePath<Attacked<Outcome>, Progress>(
    spec,
    inputs,
    context,
    {
      phase: 'attacking',
      makeInstrument: (model, images) => {
        checkAim(spec, { labels: images.labels.dataSync() });
        const compiled = compile(model, images);
        return {
          batches: compiled.batches,
          async measure(t, weights, { pause, within, reached }) {
            // Images of earlier passes are not in a checkpoint: with them a point begins anew.
            const onProgress = spec.keepImages ? () => undefined : reached;
            const outcome = await compiled.attack(weights, pause, within, onProgress);
            const { attacked, ...rest } = outcome;
            const adversarial = attacked && encodeAdversarial(t, images.shape, attacked);
            return { ...rest, adversarial: adversarial && (await context.blobs.put(adversarial)) };
          },
          dispose: () => compiled.dispose(),
        };
      },
      rows,
    },
  );
  const attack = { t: spec.t, attack: spec, passes: passes(measured.shape) };
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

/** Only what was asked for: an attack without a black-box stage says nothing about one. */
function checkRows(
  t: number,
  scores: SequenceScores,
  spec: AttackSpec,
): readonly SeriesRow<'attack'>[] {
  const { checks, targetedSuccess, n } = scores;
  const aims = spec.method === undefined && spec.target !== undefined;
  const found = {
    targeted_success: aims ? targetedSuccess : null,
    attack_zero_gradient: checks.zeroGradient,
    attack_random: checks.random,
    attack_loss_fell: checks.fell,
    attack_black_box_gain: checks.blackBoxGain,
  };
  return rows('attack', { x: t, n }, found);
}
