/** The subject of a detection: attacks by their names, and how many images and points. */
import type { BaseConfig } from '../../config/base.js';
import type { DetectionConfig } from '../../config/detection/detection.js';
import { acceptedNames } from '../../specs/run-name.js';

/** Without an attack that says how many. */
const defaults = { images: 1000, points: 11 } as const;

/** The attacks that the names of a detection stand for, in order. */
export function detectedAttacks(
  { attacks }: Pick<BaseConfig, 'attacks'>,
  { attacks: asked }: Pick<DetectionConfig, 'attacks'>,
): readonly string[] {
  return Object.keys(attacks)
    .filter((name) => acceptedNames(name).some((one) => asked.includes(one)))
    .sort();
}

export function detectedImages(config: BaseConfig, asked: DetectionConfig): number {
  const counts = detectedAttacks(config, asked).map((name) => config.attacks[name]!.images);
  return asked.images ?? (counts.length === 0 ? defaults.images : Math.min(...counts));
}

export function detectedPoints(config: BaseConfig, asked: DetectionConfig): number {
  const [first] = detectedAttacks(config, asked);
  return asked.points ?? (first === undefined ? defaults.points : config.attacks[first]!.points);
}
