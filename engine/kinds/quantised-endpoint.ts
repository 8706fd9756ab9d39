/** Quantised training between its steps and at its end: distances to the grid, the weights to deploy, zeros. */
import * as tf from '@tensorflow/tfjs';
import { soleReaders } from '../../experiment/catalogue/models/kernel-sites.js';
import type { EndpointSpec } from '../../experiment/kinds/endpoint.js';
import type { Outputs } from '../../experiment/records/records.js';
import { rows } from '../../experiment/records/rows.js';
import type { Pause } from '../../numerics/evaluation/batched.js';
import type { Model } from '../../numerics/models/model.js';
import { toValues, type ParameterTensors } from '../../numerics/models/parameters.js';
import type { StepTransform } from '../../numerics/optimise/step-transform.js';
import { gridDistance, zeroShares } from '../../numerics/quantisation/measures.js';
import { relaxationWeight, segmentPosition } from '../../numerics/quantisation/relaxation.js';
import { stepsPerEpoch } from '../../numerics/training/endpoint.js';
import { encodePackedWeights } from '../../stores/formats/packed-weights.js';
import type { CheckAfter } from '../toolkit/check-overfitting.js';
import type { EngineContext } from '../toolkit/context.js';
import type { ResumableSteps } from '../toolkit/resumable-steps.js';
import { scoreAndSave, type ScoredOn } from '../toolkit/score-endpoint.js';
import { saveWeights } from '../toolkit/weights.js';

/** A training as far as its quantisation goes. */
interface QuantisedTraining {
  readonly model: Model;
  readonly optimiser: StepTransform;
  readonly spec: Pick<EndpointSpec, 'quantisation' | 'recipe'>;
  /** Images that it is trained on. */
  readonly count: number;
}

/** The weights, parameters and then statistics, with the parameters at a place from float (0) to quantised (1); copies. */
function atPosition(
  { model, optimiser }: Pick<QuantisedTraining, 'model' | 'optimiser'>,
  weights: ParameterTensors,
  position: number,
): tf.Tensor[] {
  const n = model.parameters.length;
  const parameters = weights.slice(0, n);
  return tf.tidy(() => {
    const seen = optimiser.forward?.(parameters, tf.scalar(position)) ?? parameters;
    return [...seen, ...weights.slice(n)].map((tensor) => tf.clone(tensor));
  });
}

/** The same at which the loss of a step is taken. */
function seenWeights(
  training: QuantisedTraining,
  weights: ParameterTensors,
  step: number,
  total: number,
): tf.Tensor[] {
  const { quantisation, recipe } = training.spec;
  const perEpoch = stepsPerEpoch(recipe, training);
  const eta = quantisation ? relaxationWeight(quantisation, step, total, perEpoch) : Infinity;
  return atPosition(training, weights, segmentPosition(eta));
}

/**
 * The check after a call of steps, on the weights as the loss sees them; before it, once an epoch and at the end, both
 * distances to the grid are recorded.
 */
export function afterCalls(
  training: QuantisedTraining,
  steps: Pick<ResumableSteps, 'lastRecorded' | 'record'>,
  check: CheckAfter,
): CheckAfter {
  const record = recordDistances(training, steps);
  return (step, total, weights) => {
    record(step, total, weights);
    return check(step, total, () => {
      const float = weights();
      const seen = seenWeights(training, float, step, total);
      tf.dispose(float);
      return seen;
    });
  };
}

function recordDistances(
  training: QuantisedTraining,
  { lastRecorded, record }: Pick<ResumableSteps, 'lastRecorded' | 'record'>,
): (step: number, total: number, weights: () => tf.Tensor[]) => void {
  const { model, spec } = training;
  const { quantisation, recipe } = spec;
  if (quantisation === undefined) return () => undefined;
  const perEpoch = stepsPerEpoch(recipe, training);
  let recorded = lastRecorded('float_grid_distance');
  return (step, total, weights) => {
    const isDue = Math.floor(step / perEpoch) > Math.floor(recorded / perEpoch) || step === total;
    if (step <= recorded || !isDue) return;
    recorded = step;
    const float = weights();
    // Those of the last step that was taken.
    const seen = seenWeights(training, float, step - 1, total);
    const distance = (of: ParameterTensors) => gridDistance(model.parameters, of, quantisation);
    record('grid_distance', step, distance(seen));
    record('float_grid_distance', step, distance(float));
    tf.dispose([...float, ...seen]);
  };
}

/** Scores and stores the network that is deployed, of quantised weights where it has them; `weights` stay the caller's. */
export async function scoreDeployed(
  context: EngineContext,
  training: QuantisedTraining,
  weights: ParameterTensors,
  on: ScoredOn,
  pause: Pause,
): Promise<Outputs> {
  const { model, spec } = training;
  const deployed = atPosition(training, weights, 1);
  const float = weights.slice(0, model.parameters.length);
  try {
    return {
      ...(await scoreAndSave(context, model, deployed, on, pause)),
      ...(await scoreQuantised(context, model, spec, float, deployed)),
    };
  } finally {
    tf.dispose(deployed);
  }
}

/** Measures the zeros of quantised weights; stores the float ones beside them, and the quantised ones bit by bit. */
async function scoreQuantised(
  context: EngineContext,
  model: Model,
  { quantisation }: Pick<EndpointSpec, 'quantisation'>,
  float: ParameterTensors,
  deployed: ParameterTensors,
): Promise<Outputs> {
  if (quantisation === undefined) return {};
  const { parameters, statistics = [], layers = [] } = model;
  const specs = [...parameters, ...statistics];
  const values = toValues(specs, deployed);
  const zeros = zeroShares(parameters, values, quantisation.weights, soleReaders(layers));
  const n = quantisation.weights.length;
  const percent = (share: number) => 100 * share;
  context.metrics(
    rows(
      'endpoint',
      { x: 0, n },
      {
        zero_weights: percent(zeros.weights),
        zero_input_channels: percent(zeros.inputChannels),
        zero_output_channels: percent(zeros.outputChannels),
        ...(zeros.removableChannels === null
          ? {}
          : { removable_channels: percent(zeros.removableChannels) }),
      },
    ),
  );
  const sets = new Map([['', toValues(parameters, float)]]);
  return {
    floatWeights: await saveWeights(context, model, sets),
    packedWeights: await context.blobs.put(
      encodePackedWeights(model.name, specs, values, quantisation),
    ),
  };
}
