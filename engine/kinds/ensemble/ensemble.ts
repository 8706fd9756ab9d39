/** The networks at several places of a path as one: its error, how far they differ, what attacks do to it. */
import * as tf from '@tensorflow/tfjs';
import type { ArtifactRef, Outputs, RunInput } from '../../../experiment/records/records.js';
import type { EnsembleSpec } from '../../../experiment/kinds/ensemble.js';
import { buildAttack } from '../../../numerics/attacks/methods/build-attack.js';
import { passNames } from '../../../numerics/attacks/procedure/attack.js';
import {
  randomMember,
  singleNetwork,
  type ModelUnderAttack,
} from '../../../numerics/attacks/procedure/model-under-attack.js';
import type { ImageOutcomes } from '../../../numerics/attacks/runner/attack-outcome.js';
import { createAttackRunner, type AttackRunner } from '../../../numerics/attacks/runner/runner.js';
import type { Pause } from '../../../numerics/evaluation/batched.js';
import type { ResidentData } from '../../../numerics/data/resident.js';
import { createPredictor } from '../../../numerics/evaluation/predict.js';
import { createEnsemble } from '../../../numerics/models/ensemble.js';
import type { Model } from '../../../numerics/models/model.js';
import type { EngineContext } from '../../toolkit/context.js';
import { attackBatch } from '../../toolkit/data.js';
import {
  encodePredictions,
  memberRows,
  wholeRows,
  type Member,
  type Whole,
} from './ensemble-results.js';
import { encodeOutcomes } from '../../toolkit/attack-outcomes.js';
import { measurePath, type MeasuredImages } from '../../toolkit/measure-path.js';
import type { Places } from '../../toolkit/path.js';

/** The members one after the other, and with the last of them what they are together. */
interface Visit {
  readonly member: Member;
  readonly whole: Whole | null;
}

export async function ensemblePath(
  spec: EnsembleSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const {
    done: found,
    measured,
    selection,
  } = await measurePath<Visit, Member>(spec, inputs, context, {
    phase: 'ensemble',
    makeInstrument: (model, images, places) => {
      const tools = makeTools(spec, context, model, images);
      const members = lazily(() => weightsOfAll(spec, places));
      return {
        batches: tools.batches,
        async measure(t, weights, { pause, within, reached }) {
          const whole = await members.get();
          const member = within ?? (await measureMember(tools, weights, whole, pause));
          if (t !== spec.t.at(-1)) return { member, whole: null };
          reached(member);
          return { member, whole: await measureWhole(tools, whole, pause) };
        },
        dispose() {
          tools.dispose();
          tf.dispose(members.made() ?? []);
        },
      };
    },
    rows: (t, { member }) => memberRows(t, member),
  });
  const members = found.map(({ member }) => member);
  const whole = found.at(-1)!.whole!;
  context.metrics(wholeRows(whole, members));
  const artifacts = {
    predictions: encodePredictions(spec, members, whole),
    ...outcomeArtifacts(spec, measured, members, whole),
  };
  const stored: Record<string, ArtifactRef> = {};
  for (const [name, bytes] of Object.entries(artifacts)) {
    stored[name] = await context.blobs.put(bytes);
  }
  return { ...selection, ...stored };
}

/** Per-image outcomes of the attacks on every member, on the ensemble, and on a member drawn at random. */
function outcomeArtifacts(
  { t, attack }: EnsembleSpec,
  measured: MeasuredImages,
  members: readonly Member[],
  { robust, drawn }: Whole,
): Readonly<Record<string, Uint8Array>> {
  if (!attack) return {};
  const passes = passNames(buildAttack(attack, measured.shape, attack.seed));
  const encode = (on: string, found: readonly ImageOutcomes[]) =>
    encodeOutcomes({ t, on, attack, passes }, measured, found);
  const onMembers = members.flatMap(({ attacked }) => (attacked ? [attacked.outcomes] : []));
  return {
    outcomes: encode('the network at each t', onMembers),
    ...(robust ? { ensembleOutcomes: encode('the ensemble of all t', [robust]) } : {}),
    ...(drawn ? { drawnOutcomes: encode('a network drawn from all t', [drawn]) } : {}),
  };
}

type Tools = ReturnType<typeof makeTools>;

function makeTools(
  { t, attack, combination, randomMember: drawn }: EnsembleSpec,
  { host }: EngineContext,
  model: Model,
  images: ResidentData,
) {
  const ensemble = createEnsemble(model, t.length, combination ?? 'mean');
  const batching = { batchSize: attackBatch, keepImages: true };
  const built = attack && buildAttack(attack, images.shape, attack.seed);
  const attackOn = (attacked: ModelUnderAttack): AttackRunner | null =>
    built ? createAttackRunner(host, attacked, built, images, batching) : null;
  const parts = {
    onMember: attackOn(singleNetwork(model)),
    onWhole: attackOn(singleNetwork(ensemble)),
    onDrawn: drawn ? attackOn(randomMember(model, t.length)) : null,
    member: createPredictor(host, model, images, attackBatch),
    whole: createPredictor(host, ensemble, images, attackBatch),
  };
  const { onMember, onWhole, onDrawn } = parts;
  const attacks = [onMember, onWhole, onDrawn].reduce((sum, a) => sum + (a?.calls ?? 0), 0);
  return {
    ...parts,
    batches: attacks + 4 * parts.member.calls,
    dispose: () => Object.values(parts).forEach((part) => part?.dispose()),
  };
}

async function measureMember(
  { member, onMember, whole }: Tools,
  weights: tf.Tensor[],
  all: tf.Tensor[],
  pause: Pause,
): Promise<Member> {
  const { predicted, nll, error } = await member.predict(weights, pause);
  const clean = { predicted, nll, error };
  if (onMember === null) return { clean, attacked: null };
  const { robustError, adversarial, clean: before, images } = await onMember.attack(weights, pause);
  const carried = await whole.predict(all, pause, adversarial!);
  return {
    clean,
    attacked: {
      ...{ error: robustError, wholeError: carried.error, wholeNll: carried.nll },
      outcomes: { clean: before, images },
      wholePredicted: Float32Array.from(carried.predicted),
    },
  };
}

async function measureWhole(
  { whole, onWhole, onDrawn }: Tools,
  all: tf.Tensor[],
  pause: Pause,
): Promise<Whole> {
  const { nll, error, predicted } = await whole.predict(all, pause);
  const against = async (runner: AttackRunner | null) => {
    if (runner === null) return null;
    const { adversarial, ...outcome } = await runner.attack(all, pause);
    void adversarial;
    return outcome;
  };
  const classes = Float32Array.from(predicted);
  return {
    nll,
    error,
    predicted: classes,
    robust: await against(onWhole),
    drawn: await against(onDrawn),
  };
}

async function weightsOfAll({ t }: EnsembleSpec, places: Places): Promise<tf.Tensor[]> {
  const all: tf.Tensor[] = [];
  try {
    for (const place of t) all.push(...(await places.at(place)));
    return all;
  } catch (error) {
    tf.dispose(all);
    throw error;
  }
}

/** Made when it is first asked for. */
function lazily<T>(make: () => Promise<T>) {
  let value: T | null = null;
  return { get: async (): Promise<T> => (value ??= await make()), made: () => value };
}
