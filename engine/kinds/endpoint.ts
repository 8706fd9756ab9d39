/** Trains one endpoint from its seed or from another endpoint, scores it on the test set and stores its weights. */
import * as tf from '@tensorflow/tfjs';
import { lossBound } from '../../experiment/records/loss-bound.js';
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import type { EndpointSpec } from '../../experiment/records/runs.js';
import { weightSpecs, type Model } from '../../numerics/models/model.js';
import { modelFor } from '../../numerics/models/registry.js';
import {
  toTensors,
  type ParameterSpec,
  type ParameterValues,
} from '../../numerics/models/parameters.js';
import { filterMasks } from '../../numerics/defences/pruning.js';
import { stream } from '../../numerics/random.js';
import type { Reached } from '../../numerics/optimise/descent.js';
import { beginning, continuing, trainOn } from '../../numerics/training/endpoint.js';
import type { Mask } from '../../numerics/optimise/masked-step.js';
import { seedAt } from '../../numerics/optimise/seeds.js';
import type { EngineContext } from '../toolkit/context.js';
import { dataset, withResident, type Dataset } from '../toolkit/data.js';
import { resumableSteps } from '../toolkit/resumable-steps.js';
import { scoreAndSave } from '../toolkit/score-endpoint.js';
import {
  saveSelection,
  selectEvaluation,
  selectTraining,
  type Selected,
} from '../toolkit/selection.js';
import { inputArtifact, loadWeights } from '../toolkit/weights.js';

export async function trainEndpoint(
  spec: EndpointSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const { train, classes } = data;
  const model = modelFor(spec.model, train.shape, classes);
  const selected = selectTraining(data, spec);
  const given = await givenWeights(context, model, inputs);
  const specs = stateSpecs(model);
  const { from, ...steps } = await resumableSteps(context, specs, {
    ...{ series: 'batch_loss', phase: 'training', bound: lossBound(classes) },
  });
  const masks = masksOf(model, spec, given);
  let total = 0;
  let state: tf.Tensor[] = [];
  try {
    state = await withResident(selected?.images ?? train, classes, (resident) =>
      trainOn(context.host, from ?? start(model, spec, given, masks), {
        ...{ ...spec, model, data: resident, masks },
        ...{ onStep: steps.onStep, onBlock: steps.onBlock },
        onCall: (step, of, read) => {
          total = of;
          return steps.onCall(step, of, read);
        },
      }),
    );
    const n = model.parameters.length;
    // A stop while it is scored saves the state that it ended with.
    const clones = () => state.map((tensor) => tf.clone(tensor));
    const pause = () => (total > 0 ? steps.onCall(total, total, clones) : context.pause());
    const weights = [...state.slice(0, n), ...state.slice(2 * n)];
    const scored = scoredOn(data, spec);
    const test = scored?.images ?? data.test;
    return {
      ...(await scoreAndSave(context, model, weights, { test, classes }, pause)),
      ...(await saveSelection(context, spec.dataset, [selected, scored])),
    };
  } finally {
    tf.dispose([...state, ...masks.map(({ kept }) => kept)]);
  }
}

/** A network that was trained on test images is scored on others; null: on all of them. */
function scoredOn(data: Dataset, { data: on }: EndpointSpec): Selected | null {
  return selectEvaluation(data, on && 'bonafide' in on ? on.bonafide : undefined);
}

/** Of the endpoint that this one begins with, if there is one: parameters and statistics. */
async function givenWeights(
  context: EngineContext,
  model: Model,
  inputs: readonly RunInput[],
): Promise<ParameterValues | null> {
  if (!inputs.some(({ role }) => role === 'from')) return null;
  const ref = inputArtifact(inputs, 'from', 'weights');
  return loadWeights(context, model, ref, '', weightSpecs(model));
}

function masksOf(
  { parameters }: Model,
  { prune }: EndpointSpec,
  given: ParameterValues | null,
): Mask[] {
  if (prune === undefined) return [];
  if (given === null) throw new Error('nothing is there to be pruned');
  const masks = filterMasks(parameters, given, prune.fraction);
  return parameters.flatMap(({ name, shape }, position) => {
    const kept = masks.get(name);
    return kept ? [{ position, kept: tf.tensor(kept, [...shape]) }] : [];
  });
}

function start(
  model: Model,
  spec: EndpointSpec,
  given: ParameterValues | null,
  masks: readonly Mask[],
): Reached {
  if (given === null) {
    const initial = model.initial(stream(seedAt(spec, 0), 'init', 0));
    return beginning(model, toTensors(model.parameters, initial));
  }
  const weights = toTensors(weightSpecs(model), given);
  for (const { position, kept } of masks) {
    const whole = weights[position]!;
    weights[position] = tf.mul(whole, kept);
    whole.dispose();
  }
  return continuing(model, weights);
}

/** As `beginning` orders it. */
function stateSpecs(model: Model): ParameterSpec[] {
  const named = (prefix: string, specs: readonly ParameterSpec[]) =>
    specs.map(({ name, shape }) => ({ name: `${prefix}.${name}`, shape }));
  return [
    ...named('weights', model.parameters),
    ...named('velocity', model.parameters),
    ...named('statistics', model.statistics ?? []),
  ];
}
