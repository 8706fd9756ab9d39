/** Whether what an experiment names is there: the ends of curves, and as many images as it asks for. */
import type { ExperimentConfig } from '../config.js';
import { datasets } from '../datasets.js';
import { UserError } from '../errors.js';
import { testCut, testImages } from './data.js';

/** Throws a `bad-input` UserError at the first that is not. */
export function checkReferences(config: ExperimentConfig): void {
  for (const [name, curve] of Object.entries(config.curves)) {
    for (const end of ['from', 'to'] as const) {
      if (curve[end] in config.endpoints) continue;
      const known = Object.keys(config.endpoints).join(', ') || 'none';
      throw new UserError(
        'bad-input',
        `curves.${name}.${end}: no endpoint is named "${curve[end]}" (there are: ${known})`,
      );
    }
    if (curve.from === curve.to) {
      throw new UserError('bad-input', `curves.${name}: both ends are "${curve.from}"`);
    }
  }
  checkImages(config);
}

function checkImages(config: ExperimentConfig): void {
  const { spectrum, weightSpectrum } = config;
  const asked = [
    ...Object.entries(config.attacks).map(
      ([name, { images }]) => [`attacks.${name}`, images, 'test'] as const,
    ),
    ...(spectrum ? [['spectrum', spectrum.images, 'test'] as const] : []),
    ...(weightSpectrum
      ? [['weightSpectrum', weightSpectrum.images, weightSpectrum.split] as const]
      : []),
  ];
  for (const [where, images, split] of asked) {
    const half = split === 'test' && testCut(config) !== null;
    const there = half ? testImages(config) : datasets[config.dataset][split];
    if (images <= there) continue;
    const has = half
      ? `the evaluation half of ${config.dataset} has ${there}`
      : `${config.dataset} has ${there} ${split} images`;
    throw new UserError('bad-input', `${where}.images: ${images} asked for, ${has}`);
  }
}
