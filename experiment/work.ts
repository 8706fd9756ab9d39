/** How much work a run is, in units that only runs of the same class share; for estimates of time, never for results. */
import type { EndpointSpec, RunSpec, SpectrumSpec } from './runs.js';

export interface Work {
  /** Runs of one class take time in proportion to their amount. */
  readonly of: string;
  readonly amount: number;
}

export function workOf(spec: RunSpec): Work {
  if (!('dataset' in spec)) return { of: spec.kind, amount: 1 };
  const { kind, model, dataset, precision = 'float32', engine = 'captured' } = spec;
  const of = [kind, model, dataset, precision, engine, ...variantOf(spec)].join(' ');
  return { of, amount: amountOf(spec) };
}

type Computed = Extract<RunSpec, { dataset: unknown }>;

function variantOf(spec: Computed): readonly string[] {
  if (spec.kind !== 'spectrum') return [];
  return [spec.variable, spec.variable === 'inputs' ? spec.operator : spec.split];
}

/** Passes over images, by whatever the kind multiplies. */
function amountOf(spec: Computed): number {
  switch (spec.kind) {
    case 'endpoint':
      return spec.recipe.epochs * passesPerStep(spec);
    case 'curve':
      return spec.recipe.epochs;
    case 'evaluation':
      return spec.t.length;
    case 'attack':
      return spec.t.length * spec.images * spec.steps * (spec.restarts ?? 1);
    case 'spectrum':
      return spec.t.length * spec.images * productsOf(spec);
    default:
      return spec satisfies never;
  }
}

/** An adversary's steps come before each step of training. */
function passesPerStep({ adversarial }: EndpointSpec): number {
  return 1 + (adversarial?.steps ?? 0);
}

/** Hessian-vector products. */
function productsOf(spec: SpectrumSpec): number {
  if (spec.variable === 'inputs') return spec.maxSteps;
  const { maxSteps, trace, density } = spec;
  return maxSteps + (trace?.probes ?? 0) + (density ? density.probes * density.steps : 0);
}
