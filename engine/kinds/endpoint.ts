/** Trains one endpoint from its seed or from another endpoint, scores it on the test set and stores its weights. */
import * as tf from '@tensorflow/tfjs';
import { lossBound } from '../../experiment/records/loss-bound.js';
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import type { EndpointSpec } from '../../experiment/kinds/endpoint.js';
import { weightSpecs, type Model } from '../../numerics/models/model.js';
import { networkFor } from '../networks/network-for.js';
import { toTensors, type ParameterValues } from '../../numerics/models/parameters.js';
import { stream } from '../../numerics/random.js';
import {
  initialState,
  optimiserFor,
  stateSpecs,
  trainedWeights,
  trainOn,
} from '../../numerics/training/endpoint.js';
import { stepCount } from '../../numerics/optimise/step-inputs.js';
import type { StepTransform } from '../../numerics/optimise/step-transform.js';
import type { Mask } from '../../numerics/optimise/transforms.js';
import { seedAt } from '../../numerics/optimise/seeds.js';
import type { RewiredTraining } from '../../numerics/training/rewiring.js';
import { withOverfittingCheck } from '../toolkit/check-overfitting.js';
import type { EngineContext } from '../toolkit/context.js';
import { dataset, withResident, type Dataset } from '../toolkit/data.js';
import { resumableSteps } from '../toolkit/resumable-steps.js';
import {
  saveSelection,
  selectEvaluation,
  selectTraining,
  type Selected,
} from '../toolkit/selection.js';
import { inputArtifact, loadWeights } from '../toolkit/weights.js';
import { afterCalls, scoreDeployed } from './quantised-endpoint.js';
import {
  densityRows,
  firstMasks,
  isSparse,
  recordRewiring,
  rewiringSeries,
  saveCut,
  sparseTraining,
  underMasks,
  type SparseTraining,
} from './sparse-training.js';

export async function trainEndpoint(
  spec: EndpointSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const { train, classes } = data;
  const model = await networkFor(context, spec.model, train.shape, classes);
  const selected = selectTraining(data, spec);
  const given = await givenWeights(context, model, inputs);
  const origin = { given, shape: train.shape, classes };
  const sparse = sparseTraining(model, spec, origin);
  const masks = firstMasks(sparse);
  const optimiser = optimiserFor({ ...spec, model, ...rewiringOf(sparse) });
  const { from, ...steps } = await resumableSteps(context, stateSpecs(model, optimiser), {
    ...{ series: 'batch_loss', phase: 'training', bound: lossBound(classes) },
    recorded: rewiringSeries(model, spec),
  });
  const masking = rewiringOf(sparse, recordRewiring(model, steps));
  const scored = scoredOn(data, spec);
  let total = 0;
  let state: tf.Tensor[] = [];
  const images = selected?.images ?? train;
  const training = { model, optimiser, spec, count: images.count };
  try {
    const begin = () => initialState(model, optimiser, initialWeights(model, spec, given, masks));
    const checked = { model, spec, heldOut: scored?.images ?? data.test, classes };
    state = await withOverfittingCheck(context, checked, steps, (check) =>
      withResident(images, classes, async (resident) => {
        total = stepCount(spec.recipe, resident.count);
        const weights = (all: tf.Tensor[]) => onlyWeights(model, optimiser, all);
        const afterCall = afterCalls(training, steps, check);
        if (from) {
          // A checkpoint may be from before the check that was due at it.
          const reached = () => weights(from.state.map((tensor) => tf.clone(tensor)));
          await afterCall(from.step, total, reached);
        }
        return trainOn(context.host, from ?? begin(), {
          ...{ ...spec, model, data: resident, ...masking },
          ...{ onStep: steps.onStep, onBlock: steps.onBlock },
          async onCall(step, of, read) {
            await steps.onCall(step, of, read);
            await afterCall(step, of, () => weights(read()));
          },
        });
      }),
    );
    // A stop while it is scored saves the state that it ended with.
    const clones = () => state.map((tensor) => tf.clone(tensor));
    const pause = () => (total > 0 ? steps.onCall(total, total, clones) : context.pause());
    const weights = trainedWeights(model, optimiser, state);
    if (isSparse(spec)) context.metrics(densityRows(model, weights, total));
    const on = { test: scored?.images ?? data.test, classes, isCompact: isSparse(spec) };
    return {
      ...(await scoreDeployed(context, training, weights, on, pause)),
      ...(await saveCut(context, model, spec, { ...origin, weights })),
      ...(await saveSelection(context, spec.dataset, [selected, scored])),
    };
  } finally {
    tf.dispose([...state, ...masks.map(({ kept }) => kept)]);
  }
}

/** Masks as a training takes them; without a listener, as its optimiser does. */
function rewiringOf(
  { masks, rewired }: SparseTraining,
  onRewired: RewiredTraining['onRewired'] = () => undefined,
): { readonly masks: readonly Mask[]; readonly rewired?: RewiredTraining } {
  return rewired ? { masks, rewired: { ...rewired, onRewired } } : { masks };
}

/** The weights within a state, the rest of which is freed. */
function onlyWeights(model: Model, optimiser: StepTransform, state: tf.Tensor[]): tf.Tensor[] {
  const weights = trainedWeights(model, optimiser, state);
  tf.dispose(state.filter((tensor) => !weights.includes(tensor)));
  return weights;
}

/** A network that was trained on test images is scored on others; null: on all of them. */
function scoredOn(data: Dataset, { data: on }: EndpointSpec): Selected | null {
  return selectEvaluation(data, on && 'bonafide' in on ? on.bonafide : undefined);
}

/** Parameters and statistics of the endpoint that this one begins with; null if there is none. */
async function givenWeights(
  context: EngineContext,
  model: Model,
  inputs: readonly RunInput[],
): Promise<ParameterValues | null> {
  if (!inputs.some(({ role }) => role === 'from')) return null;
  const ref = inputArtifact(inputs, 'from', 'weights');
  return loadWeights(context, model, ref, '', weightSpecs(model));
}

/** Parameters drawn from the seed; or parameters and statistics of the endpoint that this one begins with; masked. */
function initialWeights(
  model: Model,
  spec: EndpointSpec,
  given: ParameterValues | null,
  masks: readonly Mask[],
): tf.Tensor[] {
  const weights =
    given === null
      ? toTensors(model.parameters, model.initial(stream(seedAt(spec, 0), 'init', 0)))
      : toTensors(weightSpecs(model), given);
  return underMasks(weights, masks);
}
