/** Trains one endpoint from its seed, scores it on the test set and stores its weights. */
import * as tf from '@tensorflow/tfjs';
import type { Outputs } from '../../experiment/records.js';
import type { EndpointSpec } from '../../experiment/runs.js';
import { createEvaluator } from '../../numerics/evaluation.js';
import type { Pause } from '../../numerics/batched.js';
import { modelFor, weightSpecs, type Model } from '../../numerics/models/model.js';
import { toTensors, toValues, type ParameterSpec } from '../../numerics/parameters.js';
import { stream } from '../../numerics/random.js';
import { beginning, trainOn } from '../../numerics/training/endpoint.js';
import type { EngineContext } from './context.js';
import { dataset, evaluationBatch, withResident, type Dataset } from './data.js';
import { resumableSteps } from './resumable-steps.js';
import { saveSelection, selectEvaluation, selectTraining, type Selected } from './selection.js';
import { saveWeights } from './weights.js';

export async function trainEndpoint(spec: EndpointSpec, context: EngineContext): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const { train, classes } = data;
  const model = modelFor(spec.model, train.shape, classes);
  const selected = selectTraining(data, spec);
  const { from, ...steps } = await resumableSteps(
    context,
    stateSpecs(model),
    'batch_loss',
    'training',
  );
  let total = 0;
  const { recipe, adversarial, seed } = spec;
  const state = await withResident(selected?.images ?? train, classes, (resident) =>
    trainOn(context.host, from ?? start(model, seed), {
      ...{ model, recipe, adversarial, data: resident, seed },
      onStep: steps.onStep,
      onCall: (step, of, read) => {
        total = of;
        return steps.onCall(step, of, read);
      },
    }),
  );
  const n = model.parameters.length;
  const weights = [...state.slice(0, n), ...state.slice(2 * n)];
  try {
    // A stop while it is scored saves the state that it ended with.
    const clones = () => state.map((tensor) => tf.clone(tensor));
    const pause = () => (total > 0 ? steps.onCall(total, total, clones) : context.pause());
    const scored = scoredOn(data, spec);
    const test = scored?.images ?? data.test;
    await scoreEndpoint(model, context, weights, { test, classes }, pause);
    const specs = weightSpecs(model);
    const sets = new Map([['', toValues(specs, weights)]]);
    return {
      weights: await saveWeights(context, model, sets, specs),
      ...(await saveSelection(context, spec.dataset, [selected, scored])),
    };
  } finally {
    tf.dispose(state);
  }
}

/** A network that was trained on test images is scored on others; null: on all of them. */
function scoredOn(data: Dataset, { data: on }: EndpointSpec): Selected | null {
  return selectEvaluation(data, on && 'bonafide' in on ? on.bonafide : undefined);
}

function start(model: Model, seed: number) {
  return beginning(model, toTensors(model.parameters, model.initial(stream(seed, 'init', 0))));
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

function scoreEndpoint(
  model: Model,
  context: EngineContext,
  weights: tf.Tensor[],
  { test, classes }: Pick<Dataset, 'test' | 'classes'>,
  pause: Pause,
): Promise<void> {
  return withResident(test, classes, async (data) => {
    const evaluator = createEvaluator(context.host, model, data, evaluationBatch);
    try {
      const { nll, error } = await evaluator.evaluate(weights, pause);
      context.metrics([
        { series: 'final_test_nll', x: 0, value: nll },
        { series: 'final_test_error', x: 0, value: error },
      ]);
    } finally {
      evaluator.dispose();
    }
  });
}
