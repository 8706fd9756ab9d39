/** One training step of an endpoint as a pure function of tensors, ready to be captured. */
import * as tf from '@tensorflow/tfjs';
import type { AdversarialSpec, TrainingRecipe } from '../../experiment/specs/training.js';
import type { Loop } from '../graph/loop.js';
import { tensorRecord, type RecordForm } from '../graph/tensor-record.js';
import { lossAndGradients } from '../losses/training-loss.js';
import type { Model } from '../models/model.js';
import { chain, descendAlong, restarted, type StepTransform } from '../optimise/step-transform.js';
import { adam, masked, momentum, weightDecay, type Mask } from '../optimise/transforms.js';
import { attackerOn, noAttacker } from './adversary.js';
import { worstCase } from './certified.js';
import { dropoutFor } from './step-noise.js';
import { augmentImages } from '../data/augment-images.js';
import { batchInputs } from './step-layout.js';

type OptimiserSettings = Pick<
  TrainingRecipe,
  'optimiser' | 'momentum' | 'weightDecay' | 'nesterov'
>;

/** Weight decay, then momentum or Adam; with masks, pruned weights stay zero; then any further transforms. */
export function sgd(
  { optimiser, momentum: factor, weightDecay: decay, nesterov }: OptimiserSettings,
  masks: readonly Mask[] = [],
  further: readonly StepTransform[] = [],
): StepTransform {
  const masking = masks.length > 0 ? [masked(masks)] : [];
  const moving = optimiser === 'adam' ? adam(factor) : momentum(factor, nesterov);
  return chain(weightDecay(decay), moving, ...masking, ...further);
}

/** State of a step: parameters, optimiser slots one after the other, running statistics. */
export type StateLayout = {
  readonly parameters: number;
  readonly optimiser: number;
  readonly statistics: number;
};

/** The state of an endpoint's training as a list and as a record. */
export function endpointState(model: Model, optimiser: StepTransform): RecordForm<StateLayout> {
  return tensorRecord(stateLayout(model, optimiser));
}

function stateLayout(
  { parameters, statistics = [] }: Model,
  optimiser: StepTransform,
): StateLayout {
  return {
    parameters: parameters.length,
    optimiser: Object.values(optimiser.slots(parameters)).flat().length,
    statistics: statistics.length,
  };
}

/**
 * Inputs: the state (`endpointState`), what the optimiser holds, and the inputs of a batch (`batchInputs`).
 * Outputs: the new state, and the batch's cross-entropy [] before the step, on the adversarial examples where there is
 * an attack (with TRADES its whole objective). The inner attack is the loop of the step; it sees the network as
 * evaluation does, without dropout. Loss, gradient and attack are at the weights that the optimiser's `forward` gives;
 * the step moves the parameters.
 */
export function endpointStep(
  model: Model,
  recipe: TrainingRecipe,
  adversarial: AdversarialSpec | null,
  optimiser: StepTransform = sgd(recipe),
  isCertified = false,
): Loop {
  const slots = optimiserSlots(model, optimiser);
  const held = namedLists(optimiser.held);
  const state = endpointState(model, optimiser);
  const layout = tensorRecord({
    ...stateLayout(model, optimiser),
    held: held.size,
    ...batchInputs(recipe, adversarial, isCertified, optimiser.forward !== undefined),
  });
  const open: Loop['open'] = (...inputs) => {
    const { parameters, statistics, images, labels, weights, ...given } = layout.toRecord(inputs);
    const [seed = null] = given.noise;
    const clean = { images: augmentImages(recipe.augmentation, images, seed), labels, weights };
    const [position] = given.quantisation;
    const seen = (position && optimiser.forward?.(parameters, position)) ?? parameters;
    const predict = (x: tf.Tensor) => model.apply([...seen, ...statistics], x);
    const attacker = adversarial
      ? attackerOn(predict, clean, adversarial, given.attack)
      : noAttacker(clean);
    return {
      ...attacker,
      finish(attack) {
        const { batch, against } = attacker.finish(attack);
        const drop = dropoutFor(recipe, seed);
        const found = lossAndGradients(model, seen, batch, {
          ...{ drop, against, labelSmoothing: recipe.labelSmoothing },
          worst: worstCase(model, given.certified),
        });
        const constants = held.toRecord(given.held);
        const [restart] = given.restart;
        const reached = { ...slots.toRecord(given.optimiser), ...constants };
        const before = restart ? restarted(optimiser, reached, parameters, restart) : reached;
        const next = optimiser.update(found.gradients, before, parameters);
        const moved = descendAlong(parameters, next.updates, given.learningRate);
        const running = moveStatistics(model, statistics, found.statistics);
        const after = { ...next.state, ...constants };
        return [
          ...state.toList({
            parameters: optimiser.afterStep?.(moved, after) ?? moved,
            optimiser: slots.toList(next.state),
            statistics: running,
          }),
          found.nll,
        ];
      },
    };
  };
  return { steps: adversarial?.steps ?? 0, open };
}

/** The state of an optimiser by slot, as one list in their order. */
export function optimiserSlots(
  { parameters }: Model,
  optimiser: StepTransform,
): RecordForm<Readonly<Record<string, number>>> {
  return namedLists(optimiser.slots(parameters));
}

/** Lists by name, as one list in their order. */
function namedLists(
  lists: Readonly<Record<string, readonly unknown[]>>,
): RecordForm<Readonly<Record<string, number>>> {
  const counts = Object.entries(lists).map(([name, list]) => [name, list.length] as const);
  return tensorRecord<Readonly<Record<string, number>>>(Object.fromEntries(counts));
}

/** Running statistics after every pass that the step made of a batch, one after the other. */
function moveStatistics(
  { statistics: specs = [] }: Model,
  running: readonly tf.Tensor[],
  found: readonly tf.Tensor[],
): tf.Tensor[] {
  let now = [...running];
  for (let from = 0; from < found.length; from += specs.length) {
    now = specs.map(({ momentum: share }, i) =>
      tf.add(tf.mul(now[i]!, 1 - share), tf.mul(found[from + i]!, share)),
    );
  }
  return now;
}
