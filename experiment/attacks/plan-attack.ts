/** An attack of an experiment file as its runs know it. */
import { inNumbers } from '../in-numbers.js';
import type { DatasetLimits } from './declaration.js';
import { methodName, planMethod, type AttackConfig, type AttackMethod } from './index.js';

/** An attack without the path and the points at which it is made. */
export type AttackPart = AttackMethod & {
  readonly images: number;
  readonly seed: number;
  readonly keepImages?: true;
};

/** The planned attack; a field that states its default is left out, so that it is the same run. */
export function planAttack(
  { keepImages = false, points, ...own }: AttackConfig,
  limits: Pick<DatasetLimits, 'classes'>,
): AttackPart {
  void points;
  const { images, seed } = own;
  // Images and seed keep their place among the fields: artifacts hold an attack as text.
  const method = planMethod(methodName(own), inNumbers(own), limits);
  return { ...method, images, seed, ...(keepImages ? { keepImages } : {}) };
}
