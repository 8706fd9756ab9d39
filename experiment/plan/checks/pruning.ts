/** Refuses shares of images and of filters that come to none. */
import type { ExperimentConfig } from '../../config/experiment.js';
import { datasets, trainingClasses } from '../../catalogue/datasets.js';
import { UserError } from '../../errors.js';
import type { TrainedOn } from '../runs/data.js';
import { widestConvolution } from '../../catalogue/models/index.js';

/** A backdoor that some training data carry must be in images of every class but its target. */
export function checkPoison(config: ExperimentConfig): void {
  const { dataset, backdoors = {}, endpoints, curves } = config;
  const trained: readonly TrainedOn[] = [...Object.values(endpoints), ...Object.values(curves)];
  const used = new Set(trained.map(({ backdoor }) => backdoor));
  const sizes = trainingClasses(datasets[dataset]);
  for (const [name, { fraction, target }] of Object.entries(backdoors)) {
    if (!used.has(name)) continue;
    const others = [...sizes.entries()].filter(([label]) => label !== target);
    const [label, size] = others.reduce((least, one) => (one[1] < least[1] ? one : least));
    if (Math.round(fraction * size) > 0) continue;
    const total = others.reduce((sum, [, count]) => sum + Math.round(fraction * count), 0);
    const none = total === 0 ? 'no image would be poisoned' : 'none of it would be poisoned';
    const { train } = datasets[dataset];
    refuse(
      `backdoors.${name}.fraction`,
      `${fraction} of ${train} images, class by class, is ${short(fraction * size)} of the ${size} of class ${label}: ${none}; at least ${leastShare(size)}`,
    );
  }
}

/** The least share, to four digits, of which half an image comes. */
function leastShare(size: number): number {
  const digits = 3 - Math.floor(Math.log10(0.5 / size));
  return Math.ceil((0.5 / size) * 10 ** digits) / 10 ** digits;
}

function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** A share of the filters that is none of them in any convolution. */
export function checkPruning({ model, endpoints }: ExperimentConfig): void {
  for (const [name, { prune }] of Object.entries(endpoints)) {
    if (prune === undefined) continue;
    const where = `endpoints.${name}.prune.fraction`;
    const widest = widestConvolution(model);
    if (widest === 0) refuse(where, `${model} has no convolution whose filters could go`);
    if (Math.floor(prune.fraction * widest) > 0) continue;
    refuse(
      where,
      `${prune.fraction} of ${widest} filters, the most that a convolution of ${model} has, is ${short(prune.fraction * widest)}: none would be pruned; at least 1/${widest}`,
    );
  }
}

function refuse(where: string, why: string): never {
  throw new UserError('bad-input', `${where}: ${why}`);
}
