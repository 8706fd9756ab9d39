/** Refuses fractions of poisoned images that come to none. */
import type { BaseConfig } from '../../config/base.js';
import { trainingClasses } from '../../catalogue/datasets.js';
import { describeDataset } from '../../catalogue/own-dataset.js';
import { UserError } from '../../errors.js';
import type { TrainedOn } from '../../kinds/parts/data.js';

/** A backdoor that some training data carry must be in images of every class but its target. */
export function checkPoison(config: BaseConfig): void {
  const { dataset, backdoors = {}, endpoints, curves } = config;
  const trained: readonly TrainedOn[] = [...Object.values(endpoints), ...Object.values(curves)];
  const used = new Set(trained.map(({ backdoor }) => backdoor));
  const sizes = trainingClasses(describeDataset(dataset));
  for (const [name, { fraction, target }] of Object.entries(backdoors)) {
    if (!used.has(name)) continue;
    const others = [...sizes.entries()].filter(([label]) => label !== target);
    const [label, size] = others.reduce((least, one) => (one[1] < least[1] ? one : least));
    if (Math.round(fraction * size) > 0) continue;
    const total = others.reduce((sum, [, count]) => sum + Math.round(fraction * count), 0);
    const none = total === 0 ? 'no image would be poisoned' : 'none of it would be poisoned';
    const { train } = describeDataset(dataset);
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

function refuse(where: string, why: string): never {
  throw new UserError('bad-input', `${where}: ${why}`);
}
