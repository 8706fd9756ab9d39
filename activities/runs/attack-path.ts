/** One attack on every t of a path: loss and error before and after, and how far the attack is to be believed. */
import type { MetricRow, Outputs, RunInput } from '../../experiment/records.js';
import type { AttackSpec } from '../../experiment/measurements.js';
import type { PgdMethod } from '../../experiment/attack-methods.js';
import {
  createAttacker,
  type AttackProgress,
  type AttackScores,
} from '../../numerics/attacks/attack-evaluation.js';
import { sequenceOf } from '../../numerics/attacks/methods.js';
import { normOf } from '../../numerics/attacks/norm-of.js';
import type { SequenceProgress } from '../../numerics/attacks/sequence-progress.js';
import { createSequencer, type SequenceScores } from '../../numerics/attacks/sequence.js';
import { networkTarget } from '../../numerics/attacks/target.js';
import type { EngineContext } from './context.js';
import { evaluationBatch } from './data.js';
import { measurePath } from './measure-path.js';

/** Numbers of every image as plain data, for checkpoints. */
type Plain<T> = {
  [K in keyof T]: T[K] extends Float32Array ? readonly number[] : T[K];
};

/** Restarts that are over, and what they left of each image. */
type Restarts = Plain<AttackProgress['images']> & { readonly restarts: number };

export async function attackPath(
  spec: AttackSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  // Without a radius there is no ascent, whose graph would compute for nothing.
  return isPlain(spec) && spec.epsilon > 0
    ? plainAscent(spec, inputs, context)
    : inPasses(spec, inputs, context);
}

/** Gradient ascent on the cross-entropy and nothing else: the whole attack is one graph. */
function isPlain(spec: AttackSpec): spec is AttackSpec & PgdMethod {
  if (spec.method !== undefined) return false;
  const { loss, target, momentum, pixels, checks } = spec;
  return [loss, target, momentum, pixels, checks].every((field) => field === undefined);
}

async function plainAscent(
  spec: AttackSpec & PgdMethod,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { selection } = await measurePath<AttackScores, Restarts>(spec, inputs, context, {
    phase: 'attacking',
    makeInstrument: (model, images) => {
      const norm = normOf(spec.norm);
      const attacker = createAttacker(
        context.host,
        networkTarget(model),
        norm,
        spec,
        images,
        evaluationBatch,
      );
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
    rows: scoreRows,
  });
  return selection;
}

/** Every other attack, pass by pass. */
async function inPasses(
  spec: AttackSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { norm, epsilon, seed } = spec;
  const { selection } = await measurePath<SequenceScores, Plain<SequenceProgress>>(
    spec,
    inputs,
    context,
    {
      phase: 'attacking',
      makeInstrument: (model, images) => {
        const sequence = sequenceOf(spec, images.shape, seed);
        const bounds = { norm: normOf(norm), epsilon };
        const sequencer = createSequencer(
          ...([context.host, model, sequence, bounds, images, evaluationBatch] as const),
        );
        return {
          batches: sequencer.calls,
          measure: (_t, weights, { pause, within, reached }) =>
            sequencer.attack(weights, pause, within && passesOf(within), (now) => {
              reached(plainOf(now));
            }),
          dispose: () => sequencer.dispose(),
        };
      },
      rows: (t, scores) => [
        ...scoreRows(t, scores),
        ...(isPlain(spec) ? [] : checkRows(t, scores, spec)),
      ],
    },
  );
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

function plainOf(progress: SequenceProgress): Plain<SequenceProgress> {
  const { nll, wrong, hits } = progress;
  return { ...progress, nll: Array.from(nll), wrong: Array.from(wrong), hits: Array.from(hits) };
}

function passesOf(plain: Plain<SequenceProgress>): SequenceProgress {
  const [nll, wrong, hits] = [plain.nll, plain.wrong, plain.hits].map((v) => Float32Array.from(v));
  return { ...plain, nll: nll!, wrong: wrong!, hits: hits! };
}

function scoreRows(t: number, outcome: AttackScores): MetricRow[] {
  return [
    { series: 'clean_nll', x: t, value: outcome.cleanNll },
    { series: 'clean_error', x: t, value: outcome.cleanError },
    { series: 'robust_nll', x: t, value: outcome.robustNll },
    { series: 'robust_error', x: t, value: outcome.robustError },
  ];
}

/** Only what was measured: an attack without a black-box stage says nothing about one. */
function checkRows(t: number, scores: SequenceScores, spec: AttackSpec): MetricRow[] {
  const { checks, targetedSuccess } = scores;
  const aims = spec.method === undefined && spec.target !== undefined;
  const measured = {
    targeted_success: aims ? targetedSuccess : null,
    attack_zero_gradient: checks.zeroGradient,
    attack_random: checks.random,
    attack_loss_fell: checks.fell,
    attack_black_box_gain: checks.blackBoxGain,
  };
  return Object.entries(measured).flatMap(([series, value]) =>
    value === null ? [] : [{ series, x: t, value }],
  );
}
