/** How much work a run is, in units that only runs of the same class share; for estimates of time, never for results. */
import { canonical } from '../canonical.js';
import { attackWork } from '../attacks/index.js';
import type { SpectrumSpec } from '../records/measurements.js';
import type { CurveSpec, EndpointSpec, RunSpec, TrainingRecipe } from '../records/runs.js';

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
  switch (spec.kind) {
    case 'noise':
    case 'curve-point':
      return [];
    case 'injection':
      return [textOf(spec.cut)];
    case 'endpoint':
    case 'curve':
      return [spec.recipe.epochs === undefined ? 'steps' : 'epochs', textOf(spec.data)];
    case 'evaluation':
      return [textOf([spec.statisticsFrom, spec.cut, spec.validation, spec.backdoors])];
    case 'attack':
      return [spec.method ?? 'pgd', spec.norm, textOf([spec.statisticsFrom, spec.cut])];
    case 'transfer':
    case 'ensemble':
      return [textOf([spec.statisticsFrom, spec.cut])];
    case 'spectrum':
      return [spec.variable, spec.variable === 'inputs' ? spec.operator : spec.split];
    default:
      return spec satisfies never;
  }
}

/** Which images: the same text from a plan and from the database. */
function textOf(images: unknown): string {
  return images === undefined ? '' : canonical(JSON.parse(JSON.stringify(images)));
}

/** Passes over images, by whatever the kind multiplies. */
function amountOf(spec: Computed): number {
  switch (spec.kind) {
    case 'noise':
    case 'curve-point':
      return 1;
    case 'injection':
      return spec.maxSteps;
    case 'endpoint':
    case 'curve':
      return budgetOf(spec.recipe) * passesPerStep(spec);
    case 'evaluation':
      return spec.t.length;
    case 'attack':
      return spec.t.length * spec.images * attackWork(spec);
    case 'transfer':
      return spec.t.length * spec.images * (attackWork(spec.attack) + spec.t.length);
    case 'ensemble':
      return spec.t.length * spec.images * (1 + 2 * (spec.attack ? attackWork(spec.attack) : 0));
    case 'spectrum':
      return spec.t.length * spec.images * productsOf(spec);
    default:
      return spec satisfies never;
  }
}

/** Epochs, or images in all steps. */
function budgetOf({ epochs, steps, batchSize }: TrainingRecipe): number {
  return epochs ?? steps * batchSize;
}

/** An adversary's steps come before each step of training. */
function passesPerStep({ adversarial }: EndpointSpec | CurveSpec): number {
  return 1 + (adversarial?.steps ?? 0);
}

/** Hessian-vector products. */
function productsOf(spec: SpectrumSpec): number {
  if (spec.variable === 'inputs') return spec.maxSteps;
  const { maxSteps, trace, density } = spec;
  return maxSteps + (trace?.probes ?? 0) + (density ? density.probes * density.steps : 0);
}
