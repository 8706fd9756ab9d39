/** Sneaks faults into a trained endpoint: chooses the images, changes one tensor, and stores both. */
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../../experiment/errors.js';
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import { rows } from '../../experiment/records/rows.js';
import type { InjectionSpec } from '../../experiment/kinds/derived/injection.js';
import type { LabelledImages } from '../../experiment/records/labelled-images.js';
import { chooseFaults, type Faults } from '../../numerics/tampering/injection/choose-faults.js';
import { correctlyClassified } from '../../numerics/tampering/injection/correctly-classified.js';
import {
  inject,
  tensorPosition,
  type Injected,
} from '../../numerics/tampering/injection/inject.js';
import { weightSpecs, type Model } from '../../numerics/models/model.js';
import { networkFor } from '../networks/network-for.js';
import { toTensors } from '../../numerics/models/parameters.js';
import { checkFaults } from '../toolkit/check-images.js';
import type { EngineContext } from '../toolkit/context.js';
import { dataset, evaluationBatch, withResident } from '../toolkit/data.js';
import { faultImages, saveFaults } from '../toolkit/faults-artifact.js';
import { resumableSteps } from '../toolkit/resumable-steps.js';
import { scoreAndSave } from '../toolkit/score-endpoint.js';
import { selectEvaluation } from '../toolkit/selection.js';
import { inputArtifact, loadWeights } from '../toolkit/weights.js';

export async function injectFaults(
  spec: InjectionSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const data = await dataset(context, spec.dataset);
  const { classes } = data;
  const half = selectEvaluation(data, spec.cut);
  const test = half?.images ?? data.test;
  const model = await networkFor(context, spec.model, test.shape, classes);
  const position = injectedPosition(model, spec);
  const specs = weightSpecs(model);
  const from = inputArtifact(inputs, 'from', 'weights');
  const weights = toTensors(specs, await loadWeights(context, model, from, '', specs));
  let injected: Injected | undefined;
  try {
    const chosen = await faultsFor(context, model, weights, { test, classes }, spec);
    const images = faultImages(test, chosen, 'all');
    const network = { model, weights, position };
    injected = await injectInto(context, network, { images, classes }, spec);
    const { steps, success, stealth, tensor } = injected;
    context.metrics(
      rows(
        'injection',
        { x: steps, n: images.count },
        { final_injection_success: success, final_injection_stealth: stealth },
      ),
    );
    const changed = weights.with(position, tensor);
    const scored = await scoreAndSave(context, model, changed, { test, classes });
    const faults = half ? inTestSet(chosen, half.indices) : chosen;
    return { ...scored, injection: await saveFaults(context, faults) };
  } finally {
    tf.dispose([...weights, ...(injected ? [injected.tensor] : [])]);
  }
}

/** With the indices of the whole test set, of which `half` lists some. */
function inTestSet(faults: Faults, half: Int32Array): Faults {
  return { ...faults, indices: faults.indices.map((i) => half[i]!) };
}

function injectedPosition({ name, parameters }: Model, { tensor }: InjectionSpec): number {
  const position = tensorPosition(parameters, tensor);
  if (position !== null) return position;
  const known = parameters.map((spec) => spec.name).join(', ');
  throw new UserError('bad-input', `injection tensor "${tensor}": ${name} has ${known}`);
}

interface TestImages {
  readonly test: LabelledImages;
  readonly classes: number;
}

async function faultsFor(
  context: EngineContext,
  model: Model,
  weights: tf.Tensor[],
  { test, classes }: TestImages,
  spec: InjectionSpec,
): Promise<Faults> {
  const { host } = context;
  const correct = await withResident(test, classes, (resident) =>
    correctlyClassified(host, { model, weights, data: resident, batchSize: evaluationBatch }, () =>
      context.pause(),
    ),
  );
  if (correct.length < spec.images) {
    throw new UserError(
      'bad-input',
      `injection into ${spec.images} images: the clean endpoint classifies ${correct.length} correctly; ask for fewer`,
    );
  }
  const faults = chooseFaults(correct, test.labels, classes, spec);
  checkFaults(faults);
  return faults;
}

/** A network, and which of its parameters is changed. */
interface ChangedNetwork {
  readonly model: Model;
  readonly weights: tf.Tensor[];
  readonly position: number;
}

async function injectInto(
  context: EngineContext,
  { model, weights, position }: ChangedNetwork,
  { images, classes }: { readonly images: LabelledImages; readonly classes: number },
  spec: InjectionSpec,
): Promise<Injected> {
  const tensor = model.parameters[position]!;
  const steps = await resumableSteps(context, [tensor], {
    // A weighted hinge has no scale of its own; success is measured.
    ...{ series: 'injection_loss', phase: 'injecting', bound: Infinity },
  });
  const shown = tf.tidy(() => {
    const bytes = tf.tensor(images.pixels, [images.count, ...images.shape], 'int32');
    // As batches are made of bytes everywhere: the same bits.
    return tf.mul(tf.cast(bytes, 'float32'), 1 / 255);
  });
  const targets = tf.tidy(() =>
    tf.cast(tf.oneHot(tf.tensor1d(Int32Array.from(images.labels), 'int32'), classes), 'float32'),
  );
  try {
    return await inject(context.host, steps.from, {
      ...{ ...spec, model, weights, position, images: shown, targets },
      ...{ onStep: steps.onStep, onCall: steps.onCall },
    });
  } finally {
    tf.dispose([shown, targets]);
  }
}
