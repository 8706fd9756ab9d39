/** Checks that measurements along paths share: as many images as asked for, attacks that exist. */
import { describeDataset } from '../../catalogue/own-dataset.js';
import type { BaseConfig } from '../../config/base.js';
import { UserError } from '../../errors.js';
import { hasOwn } from '../../own.js';
import { unknownName } from '../../reading/unknown-name.js';
import { testCut, testImages } from '../parts/data.js';

export interface AskedImages {
  /** Absent: as many as there are. */
  readonly images?: number | undefined;
  /** Absent: the test images. */
  readonly split?: 'train' | 'test';
}

/** Throws a `bad-input` UserError if a section asks for more images than the experiment measures on. */
export function checkImages(
  config: BaseConfig,
  where: string,
  { images = 0, split = 'test' }: AskedImages,
): void {
  const facts = describeDataset(config.dataset);
  const half = split === 'test' && testCut(config) !== null;
  const available = half ? testImages(config) : facts[split];
  if (images <= available) return;
  const has = half
    ? `the evaluation half of ${facts.name} has ${available}`
    : `${facts.name} has ${available} ${split} images`;
  throw new UserError('bad-input', `${where}.images: ${images} asked for, ${has}`);
}

/** Throws a `bad-input` UserError unless there is an attack of this name. */
export function checkAttackName({ attacks }: BaseConfig, section: string, name: string): void {
  if (hasOwn(attacks, name)) return;
  throw unknownName(`${section}.attack`, 'attack', name, attacks);
}
