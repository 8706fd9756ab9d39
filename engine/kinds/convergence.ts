/** Convergence of the inner maximisation on every t of a path, and the ascents that it is read from. */
import { mean, median } from 'simple-statistics';
import type { ConvergenceSpec } from '../../experiment/kinds/convergence.js';
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import { rows, type SeriesRow } from '../../experiment/records/rows.js';
import { createAscents, type Ascent } from '../../numerics/attacks/convergence/measure-ascents.js';
import { stepsToStationary } from '../../numerics/attacks/convergence/steps-to-stationary.js';
import { normByName } from '../../numerics/attacks/norms/norm-by-name.js';
import { relativeSpread, shareAtBest } from '../../numerics/inner-maximisation/agreement.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import type { EngineContext } from '../toolkit/context.js';
import { attackBatch } from '../toolkit/data.js';
import { measurePath } from '../toolkit/measure-path.js';

/** Relative FOSC at or below which a point counts as stationary. */
const stationary = 0.01;

/** Results of the ascents at one t. */
interface Converged {
  /** Over images and starts after 0 … `steps` steps: mean cross-entropy (nats) and error (%), median relative FOSC. */
  readonly nll: Float32Array;
  readonly error: Float32Array;
  readonly relativeFosc: Float32Array;
  /** [images · starts]: cross-entropy after the last step, and steps to a stationary point (infinite: not reached). */
  readonly finalNll: Float32Array;
  readonly stationaryAt: Float32Array;
  readonly meanFinalFosc: number;
  readonly spread: number;
  readonly oneMaximiser: number;
}

export async function measureConvergence(
  spec: ConvergenceSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { epsilon, stepSize, steps, starts, seed } = spec;
  const norm = normByName(spec.norm, spec.pixels ?? 1);
  const settings = { norm, epsilon, stepSize, steps, starts, seed };
  const { done, selection } = await measurePath<Converged>(spec, inputs, context, {
    phase: 'ascending',
    makeInstrument(model, images) {
      const ascents = createAscents(context.host, model, settings, images, attackBatch);
      return {
        batches: ascents.calls,
        measure: async (_t, weights, { pause }) =>
          converged(await ascents.measure(weights, pause), steps),
        dispose: () => ascents.dispose(),
      };
    },
    rows: (t, found) => convergenceRows(t, found, spec),
  });
  return { ...selection, ascents: await context.blobs.put(encode(spec, done)) };
}

function converged(byImage: readonly (readonly Ascent[])[], steps: number): Converged {
  const ascents = byImage.flat();
  const last = ({ nll }: Ascent): number => nll[steps]!;
  const overAscents = (of: (ascent: Ascent) => Float32Array, reduce: (v: number[]) => number) =>
    Float32Array.from({ length: steps + 1 }, (_, i) => reduce(ascents.map((one) => of(one)[i]!)));
  return {
    nll: overAscents(({ nll }) => nll, mean),
    error: overAscents(
      ({ wrong }) => wrong,
      (values) => 100 * mean(values),
    ),
    relativeFosc: overAscents(({ relativeFosc }) => relativeFosc, median),
    finalNll: Float32Array.from(ascents, last),
    stationaryAt: Float32Array.from(ascents, ({ relativeFosc }) =>
      stepsToStationary(relativeFosc, stationary),
    ),
    meanFinalFosc: mean(ascents.map(({ relativeFosc }) => relativeFosc[steps]!)),
    spread: mean(byImage.map((starts) => relativeSpread(starts.map(last)))),
    oneMaximiser: mean(
      byImage.map((starts) =>
        shareAtBest(
          starts.map(last),
          starts.map(({ perturbation }) => perturbation),
        ),
      ),
    ),
  };
}

function convergenceRows(
  t: number,
  found: Converged,
  { shortSteps, steps, images }: ConvergenceSpec,
): readonly SeriesRow<'convergence'>[] {
  const { nll, error, relativeFosc, stationaryAt } = found;
  return rows(
    'convergence',
    { x: t, n: images },
    {
      ...{ short_error: error[shortSteps]!, long_error: error[steps]! },
      ...{ short_nll: nll[shortSteps]!, long_nll: nll[steps]! },
      error_gap: error[steps]! - error[shortSteps]!,
      short_relative_fosc: relativeFosc[shortSteps]!,
      long_relative_fosc: relativeFosc[steps]!,
      long_relative_fosc_mean: found.meanFinalFosc,
      stationary_share: mean([...stationaryAt].map((at) => (at <= steps ? 1 : 0))),
      steps_to_stationary: median([...stationaryAt].map((at) => Math.min(at, steps))),
      loss_spread: found.spread,
      one_maximiser: found.oneMaximiser,
    },
  );
}

/**
 * `nll`, `error` and `relative_fosc` [points, steps + 1] over images and starts; `final_nll` and `stationary_at`
 * [points, images, starts], of which the latter is infinite where an ascent reached no stationary point.
 */
function encode(spec: ConvergenceSpec, found: readonly Converged[]): Uint8Array {
  const { t, steps, images, starts, shortSteps, norm, epsilon, stepSize } = spec;
  const stacked = (of: (one: Converged) => Float32Array, shape: readonly number[]) => ({
    ...{ dtype: 'F32' as const, shape: [found.length, ...shape] },
    data: Float32Array.from(found.flatMap((one) => [...of(one)])),
  });
  const tensors = new Map<string, StoredTensor>([
    ['nll', stacked((one) => one.nll, [steps + 1])],
    ['error', stacked((one) => one.error, [steps + 1])],
    ['relative_fosc', stacked((one) => one.relativeFosc, [steps + 1])],
    ['final_nll', stacked((one) => one.finalNll, [images, starts])],
    ['stationary_at', stacked((one) => one.stationaryAt, [images, starts])],
  ]);
  return encodeSafetensors(tensors, {
    ...{ t: JSON.stringify(t), images: String(images), starts: String(starts) },
    ...{ steps: String(steps), attack_steps: String(shortSteps) },
    ...{ norm, epsilon: String(epsilon), step_size: String(stepSize) },
    stationary: String(stationary),
  });
}
