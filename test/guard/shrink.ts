/** A run with fewer iterations, images and places: what it compiles is as deep as before, its batches may be smaller. */
import type { BonafideSet, TestCut, TrainingData } from '../../experiment/specs/data.js';
import type { DatasetName } from '../../experiment/catalogue/datasets.js';
import type { DatasetSpec } from '../../experiment/catalogue/own-dataset.js';
import type { AttackSpec } from '../../experiment/kinds/attack.js';
import type { SpectrumSpec } from '../../experiment/kinds/spectrum/spectrum.js';
import type { PathSpec } from '../../experiment/specs/path.js';
import type { RunSpec, SpecOf, WorkerKind } from '../../experiment/kinds/index.js';
import type { TrainingRecipe } from '../../experiment/specs/training.js';
import { fewImages, someImages } from './tiny-data.js';

/** Compiled by an engine. */
type Computed = Exclude<RunSpec, SpecOf<WorkerKind | 'two-layer'>>;

/** Null: no engine computes it; or it takes too long, and is held with a smaller network. */
export function shrink(spec: RunSpec): Computed | null {
  if (spec.kind === 'strongest' || spec.kind === 'summary' || spec.kind === 'probe') return null;
  if (spec.kind === 'two-layer') return null; // plain numbers
  if (spec.kind === 'ensemble' && spec.model === 'vgg16') return null;
  const small = { ...spec, dataset: stand(spec.dataset) };
  const one = 'seed' in small ? { ...small, seed: 1 } : small;
  const scale = scales[one.dataset === 'cifar10' ? 'few' : 'some'];
  switch (one.kind) {
    case 'endpoint':
      return {
        ...{ ...withoutData(one), ...trained(one, scale) },
        ...(one.spawn ? { spawn: { seed: 2, step: 1 } } : {}),
      };
    case 'curve':
      return { ...withoutData(one), ...trained(one, scale) };
    case 'injection':
      return {
        ...{ ...one, ...cutOf(one, scale) },
        ...{ images: 2, wrong: 1, stealth: 0, stepSize: 0.01, maxSteps: 200 },
      };
    case 'import':
      return { ...one, ...cutOf(one, scale) };
    case 'noise':
      return { ...one, ...cutOf(one, scale), scale: 1 };
    case 'curve-point':
      return { ...one, ...placed(one, scale), t: [0.5] };
    case 'certificate':
      return { ...one, ...placed(one, scale), images: 2 };
    case 'evaluation':
      return {
        ...{ ...one, ...placed(one, scale) },
        ...(one.validation ? { validation: bonafide(one.validation, scale) } : {}),
      };
    case 'attack':
      return { ...one, ...placed(one, scale), ...searched(one), images: scale.images };
    case 'spectrum':
      return { ...one, ...placed(one, scale), images: curved(one, scale) };
    case 'transfer':
    case 'ensemble':
      return { ...one, ...placed(one, scale), images: scale.images };
    case 'convergence':
      return {
        ...one,
        ...placed(one, scale),
        images: scale.images,
        shortSteps: 1,
        steps: 2,
        starts: 2,
      };
    case 'detection':
      return null;
    default:
      throw new Error(`unknown kind of run ${JSON.stringify(one satisfies never)}`);
  }
}

interface Scale {
  readonly images: number;
  readonly batch: number;
  readonly half: number;
}

const scales: Readonly<Record<'some' | 'few', Scale>> = {
  some: { images: 130, batch: 512, half: someImages.test / 2 },
  few: { images: 2, batch: 4, half: fewImages.test / 2 },
};

/** One that is there without a download and has images of the same shape. */
function stand(name: DatasetSpec): DatasetName {
  if (typeof name !== 'string') throw new Error(`no preset has data of its own: ${name.name}`);
  if (name === 'fashion-mnist') return 'mnist';
  return name === 'svhn' ? 'cifar10' : name;
}

/** The learning rate is fed to the graph; which images they are, the small networks show. */
function trained(
  { recipe, data }: { recipe: TrainingRecipe; data?: TrainingData },
  scale: Scale,
): { recipe: TrainingRecipe; data?: TrainingData } {
  const budget = recipe.steps === undefined ? { epochs: 1 } : { steps: 2 };
  const batchSize = Math.min(recipe.batchSize, scale.batch);
  const same = { epochs: undefined, steps: undefined, learningRate: 0.05, batchSize };
  return {
    recipe: { ...recipe, ...same, ...budget },
    ...(data && scale === scales.some ? { data: selected(data, scale) } : {}),
  };
}

function withoutData<Spec extends { data?: TrainingData }>({ data: _data, ...rest }: Spec) {
  return rest;
}

function selected(data: TrainingData, scale: Scale): TrainingData {
  if ('first' in data) return { first: scale.half };
  return 'bonafide' in data
    ? { bonafide: bonafide(data.bonafide, scale) }
    : { poisoned: { ...data.poisoned, fraction: 0.9 } };
}

function bonafide(set: BonafideSet, { half }: Scale): BonafideSet {
  return { ...set, pool: half, images: half };
}

function cutOf({ cut }: { cut?: TestCut }, { half }: Scale): { cut?: TestCut } {
  return cut ? { cut: { ...cut, pool: half } } : {};
}

function placed({ t, cut, statisticsFrom }: PathSpec, scale: Scale) {
  return {
    ...cutOf(cut ? { cut } : {}, scale),
    ...(statisticsFrom ? { statisticsFrom: bonafide(statisticsFrom, scale) } : {}),
    t: t.length > 2 ? [t[0]!, t.at(-1)!] : t,
  };
}

/** Queries are made one by one, not in a graph. */
function searched(attack: AttackSpec): { queries?: number } {
  return 'queries' in attack ? { queries: Math.min(attack.queries, 40) } : {};
}

/** The published eigenvalue takes whole batches. */
function curved(spec: SpectrumSpec, { images }: Scale): number {
  const whole = spec.variable === 'inputs' ? spec.published?.batchSize : undefined;
  return whole ?? images;
}
