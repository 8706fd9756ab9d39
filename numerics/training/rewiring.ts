/** Sparse training with dynamic rewiring: its optimiser, and what happens to the state between steps. */
import * as tf from '@tensorflow/tfjs';
import type { SparsitySpec, TrainingRecipe } from '../../experiment/specs/training.js';
import { batchCount } from '../data/batches.js';
import type { Model } from '../models/model.js';
import type { StateChange } from '../optimise/descent.js';
import { seedAt, type Seeding } from '../optimise/seeds.js';
import { admm, lastGradient, sparse } from '../optimise/sparse.js';
import { chain, type NamedTensors, type StepTransform } from '../optimise/step-transform.js';
import type { Mask } from '../optimise/transforms.js';
import { stream } from '../random.js';
import { updateAdmm } from '../sparsity/admm.js';
import { activeCounts } from '../sparsity/densities.js';
import { maskedTensors } from '../sparsity/masks.js';
import { countActive, removalRate } from '../sparsity/redistribution.js';
import { rewire, type Rewired, type RewiredLayer } from '../sparsity/rewire.js';
import { endpointState, optimiserSlots } from './endpoint-step.js';

/** A sparse training whose masks change. */
export interface RewiredTraining {
  readonly spec: SparsitySpec & Required<Pick<SparsitySpec, 'rewiring'>>;
  /** The first masks, in the order of `maskedTensors`; they are the caller's. */
  readonly masks: readonly Mask[];
  /** Told of every rewiring, after `step` steps. */
  readonly onRewired: (step: number, rewired: Rewired) => void;
}

/** The transforms around those of a dense training. */
export function rewiredOptimiser(
  dense: StepTransform,
  { spec, masks }: Pick<RewiredTraining, 'spec' | 'masks'>,
): StepTransform {
  return chain(
    ...(spec.rewiring.growth === 'gradient' ? [lastGradient(masks)] : []),
    ...(spec.admm ? [admm(masks, spec.admm.rho)] : []),
    dense,
    sparse(masks),
  );
}

/** Parts of a training that rewiring depends on. */
interface Surroundings extends Seeding {
  readonly model: Model;
  readonly optimiser: StepTransform;
  readonly recipe: TrainingRecipe;
  readonly data: { readonly count: number };
}

/** At the end of each epoch but the last, or after every so many steps; never after the last step. */
export function rewiringChange(
  { spec, masks, onRewired }: RewiredTraining,
  { model, optimiser, recipe, data, ...seeding }: Surroundings,
): StateChange {
  const { rewiring } = spec;
  const layout = endpointState(model, optimiser);
  const slots = optimiserSlots(model, optimiser);
  const target = activeCounts(maskedTensors(model), spec.density, spec.initial);
  return {
    isDue: (step, total) => step < total && isRoundOver(rewiring.every, recipe, data.count, step),
    change(step, total, state) {
      const before = layout.toRecord(state);
      const named = slots.toRecord(before.optimiser);
      const [next, gaps, rewirings] = named['rewiring']![0]!.dataSync<'float32'>();
      const rewired = rewire(
        masks.map((mask, l) => layerOf(before.parameters, named, mask, l, rewiring.growth)),
        { next: next!, gaps: gaps!, rewirings: rewirings! },
        {
          ...{ rate: removalRate(rewiring.removal, step, total) },
          redistribution: rewiring.redistribution,
          generator:
            rewiring.growth === 'random' ? stream(seedAt(seeding, step), 'regrowth', step) : null,
          target: target.reduce((a, b) => a + b, 0),
        },
      );
      onRewired(step, rewired);
      const changed = changedTensors(before.parameters, named, masks, rewired);
      const result = state.map((old) => changed.get(old) ?? old);
      tf.dispose([...changed.keys()]);
      return result;
    },
  };
}

/** Whether a round of the images, or of so many steps, ends with this step. */
function isRoundOver(
  every: 'epoch' | number,
  { steps, batchSize }: TrainingRecipe,
  count: number,
  step: number,
): boolean {
  if (every !== 'epoch') return step % every === 0;
  if (steps === undefined) return step % batchCount(count, batchSize) === 0;
  const rounds = (taken: number) => Math.floor((taken * batchSize) / count);
  return step > 0 && rounds(step) > rounds(step - 1);
}

function layerOf(
  parameters: readonly tf.Tensor[],
  slots: NamedTensors,
  { position }: Mask,
  l: number,
  growth: 'momentum' | 'gradient' | 'random',
): RewiredLayer {
  const momentum = momentumOf(slots, position);
  return {
    weights: floats(parameters[position]!),
    mask: floats(slots['mask']![l]!),
    momentum,
    growth: growth === 'gradient' ? floats(slots['gradient']![l]!) : momentum,
  };
}

/** The velocity of SGD; of Adam m / (√v + 1e-8), whose corrections are the same for all weights. */
function momentumOf(slots: NamedTensors, position: number): Float32Array {
  const velocity = slots['velocity']?.[position];
  if (velocity !== undefined) return floats(velocity);
  const [mean, square] = [slots['mean']![position]!, slots['square']![position]!].map(floats);
  return mean!.map((m, i) => m / (Math.sqrt(square![i]!) + 1e-8));
}

function floats(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync<'float32'>();
}

/** The tensors of the state that change, with what takes their place. */
function changedTensors(
  parameters: readonly tf.Tensor[],
  slots: NamedTensors,
  masks: readonly Mask[],
  { layers, adjustment }: Rewired,
): ReadonlyMap<tf.Tensor, tf.Tensor> {
  const changed = new Map<tf.Tensor, tf.Tensor>();
  const put = (old: tf.Tensor, values: Float32Array): void => {
    changed.set(old, tf.tensor(values, old.shape, 'float32'));
  };
  masks.forEach(({ position }, l) => {
    const { weights, mask } = layers[l]!;
    put(parameters[position]!, weights);
    put(slots['mask']![l]!, mask);
    const [projection, dual] = [slots['projection']?.[l], slots['dual']?.[l]];
    if (projection === undefined || dual === undefined) return;
    const next = updateAdmm(weights, floats(dual), countActive(mask));
    put(projection, next.projection);
    put(dual, next.dual);
  });
  const { next, gaps, rewirings } = adjustment;
  put(slots['rewiring']![0]!, Float32Array.of(next, gaps, rewirings));
  return changed;
}
