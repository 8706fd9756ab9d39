/** Detection of adversarial examples by their distance to a data manifold, at each t of a fitted path. */
import { z } from 'zod';
import type { AttackNorm } from '../attacks/attack-fields.js';
import { detectionSeries } from '../catalogue/series/detection.js';
import {
  detection as section,
  detectorOf,
  type DetectionConfig,
} from '../config/detection/detection.js';
import type { DetectionSpace, DetectorSpec } from '../config/detection/detector.js';
import { entryName } from '../config/fields.js';
import { inNumbers } from '../in-numbers.js';
import type { Backdoor } from '../specs/data.js';
import type { MeasurementSpec } from '../specs/path.js';
import { sourceName } from '../specs/run-name.js';
import { checkDetections } from './checks/detection.js';
import type { Draft, DraftNeed, PathScope } from './draft.js';
import type { ConfigWith, Kind } from './kind.js';
import { detectedAttacks, detectedImages, detectedPoints } from './parts/detected.js';
import { grid } from './parts/grid.js';
import { pathImagesText } from './parts/images-text.js';
import { sortedEntries } from './parts/sorted.js';

/** An attacker who ascends CE - λ · distance under linf, once for each λ. */
interface AdaptiveAttack {
  readonly epsilon: number;
  readonly stepSize: number;
  readonly steps: number;
  readonly randomStart: boolean;
  readonly lambdas: readonly number[];
}

export interface DetectionSpec extends MeasurementSpec {
  readonly kind: 'detection';
  readonly detector: DetectorSpec;
  readonly space: DetectionSpace;
  /** Number of training images that the manifold is estimated from. */
  readonly references: number;
  /** Number of clean test images after the attacked ones. */
  readonly calibration: number;
  /** Runs that it needs, whose adversarial examples are to be detected; the norm is that of equal noise. */
  readonly attacks: readonly { readonly name: string; readonly norm: AttackNorm }[];
  readonly backdoors: readonly (Backdoor & { readonly name: string })[];
  /** Absent: none. */
  readonly adaptive?: AdaptiveAttack;
  readonly seed: number;
}

const sections = {
  detections: z
    .record(entryName, section)
    .optional()
    .describe('detectors of adversarial examples by their distance to a data manifold'),
};

type Config = ConfigWith<typeof sections>;

function fitted(config: Config, scope: PathScope): Draft<DetectionSpec>[] {
  return sortedEntries(config.detections ?? {}).map(([name, asked]) => {
    const attacks = detectedAttacks(config, asked);
    return {
      name: { ...scope.runName('detection'), part: name },
      summary: `detection on ${scope.name} by ${name} (${asked.estimator}, ${asked.space})`,
      needs: [...scope.needs, ...attacks.map((attack) => attackNeed(scope, attack))],
      spec: {
        ...{ kind: 'detection', detector: detectorOf(asked), space: asked.space },
        ...{ references: asked.references, calibration: asked.calibration },
        attacks: attacks.map((attack) => ({ name: attack, norm: config.attacks[attack]!.norm })),
        backdoors: asked.backdoors.map((backdoor) => {
          const { trigger, target } = config.backdoors![backdoor]!;
          return { name: backdoor, trigger, target };
        }),
        ...adaptiveField(asked),
        ...{ seed: asked.seed, images: detectedImages(config, asked) },
        ...scope.along(grid(detectedPoints(config, asked))),
      },
    };
  });
}

function attackNeed({ runName }: PathScope, attack: string): DraftNeed {
  return { role: `attack:${attack}`, name: { ...runName('attack'), part: attack } };
}

function adaptiveField({ adaptive }: DetectionConfig): { readonly adaptive?: AdaptiveAttack } {
  return adaptive === undefined ? {} : { adaptive: inNumbers(adaptive) };
}

/** Estimates of time: distances to be found, each to all references. */
function distances({ images, calibration, attacks, backdoors, adaptive }: DetectionSpec): number {
  const ascents = adaptive ? adaptive.lambdas.length * adaptive.steps : 0;
  return calibration + images * (1 + 2 * (attacks.length + backdoors.length) + ascents);
}

export const detection: Kind<DetectionSpec, typeof sections, 'engine', typeof detectionSeries> = {
  name: 'detection',
  version: 2,
  computedBy: 'engine',
  activity: 'detectByDistance',
  precision: 'float32',
  sections,
  series: detectionSeries,
  prefixes: ['detection'],
  plan: { fitted },
  check: checkDetections,
  isChangedBy: ({ section: changed, entry }, { part }) => {
    if (changed === 'attacks') return true;
    const mine = part === null || entry === '*' || entry === sourceName(part);
    return changed === 'detections' && mine;
  },
  work: (spec) => ({
    variant: [spec.detector.estimator, spec.space, pathImagesText(spec)],
    amount: spec.t.length * spec.references * distances(spec),
  }),
};
