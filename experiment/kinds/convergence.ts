/** Convergence of the inner maximisation: how far the steps of an attack are from a maximum, at each t of a fitted path. */
import { z } from 'zod';
import type { AttackNorm } from '../attacks/attack-fields.js';
import type { AttackConfig } from '../attacks/index.js';
import { planAttack } from '../attacks/plan-attack.js';
import { describeDataset } from '../catalogue/own-dataset.js';
import { convergenceSeries } from '../catalogue/series/convergence.js';
import { entryName, points } from '../config/fields.js';
import { UserError } from '../errors.js';
import type { MeasurementSpec } from '../specs/path.js';
import { checkAttackName, checkImages } from './checks/measurement.js';
import type { Draft, PathScope } from './draft.js';
import type { ConfigWith, Kind } from './kind.js';
import { grid } from './parts/grid.js';
import { pathImagesText } from './parts/images-text.js';

/** Plain PGD from random starts, recorded at every step. */
export interface ConvergenceSpec extends MeasurementSpec {
  readonly kind: 'convergence';
  readonly norm: AttackNorm;
  readonly epsilon: number;
  readonly stepSize: number;
  /** Number of pixels that one l1 step changes; absent: 1. */
  readonly pixels?: number;
  /** Seed of the attack, whose first start is the first one here. */
  readonly seed: number;
  /** Steps of the attack, after which the results are compared with those after `steps`. */
  readonly shortSteps: number;
  readonly steps: number;
  readonly starts: number;
}

const sections = {
  convergence: z
    .strictObject({
      attack: entryName.describe('a plain PGD of this file: its ball, step size, steps and seed'),
      steps: z.int().min(2).max(1000).default(100).describe('steps of each ascent'),
      starts: z.int().min(2).max(100).default(10).describe('random starts per image'),
      images: z
        .int()
        .min(1)
        .optional()
        .describe('number of test images, from the first (default: as many as the attack has)'),
      points: points.default(5),
    })
    .optional()
    .describe('ask at each t of each fitted curve how far an attack is from a maximum of the loss'),
};

type Config = ConfigWith<typeof sections>;

/** The attack as its runs know it, where it is plain PGD from random starts; else what it is instead. */
function plainPgd(config: AttackConfig, dataset: Config['dataset']) {
  const planned = planAttack(config, describeDataset(dataset));
  if (planned.method !== undefined) return `is ${planned.method}`;
  const { loss, target, momentum, randomStart, epsilon } = planned;
  if (loss !== undefined) return `maximises ${loss}`;
  if (target !== undefined) return 'has a target class';
  if (momentum !== undefined) return 'has momentum';
  if (!randomStart) return 'starts at the images';
  return epsilon > 0 ? planned : 'has epsilon 0';
}

function fitted(
  config: Config,
  { name, needs, along, runName }: PathScope,
): Draft<ConvergenceSpec>[] {
  if (!config.convergence) return [];
  const { attack, steps, starts, points, images } = config.convergence;
  const planned = requirePlainPgd(config, attack);
  const { norm, epsilon, stepSize, pixels, seed, steps: shortSteps } = planned;
  return [
    {
      name: runName('convergence'),
      summary: `convergence of ${attack} in ${steps} steps at ${points} points of ${name}`,
      needs,
      spec: {
        ...{ kind: 'convergence', norm, epsilon, stepSize, seed, shortSteps, steps, starts },
        ...(pixels === undefined ? {} : { pixels }),
        images: images ?? planned.images,
        ...along(grid(points)),
      },
      summarisedAs: `convergence:${attack}`,
    },
  ];
}

/** Throws a `bad-input` UserError for any other attack. */
function requirePlainPgd({ attacks, dataset }: Config, attack: string) {
  const planned = plainPgd(attacks[attack]!, dataset);
  if (typeof planned !== 'string') return planned;
  throw new UserError(
    'bad-input',
    `convergence.attack: ${attack} ${planned}; name a PGD on the cross-entropy from random starts`,
  );
}

function check(config: Config): void {
  if (!config.convergence) return;
  const { attack, steps } = config.convergence;
  checkAttackName(config, 'convergence', attack);
  checkImages(config, 'convergence', config.convergence);
  const planned = requirePlainPgd(config, attack);
  if (steps > planned.steps) return;
  throw new UserError(
    'bad-input',
    `convergence.steps: ${steps}, but ${attack} has ${planned.steps} steps; give more`,
  );
}

export const convergence: Kind<
  ConvergenceSpec,
  typeof sections,
  'engine',
  typeof convergenceSeries
> = {
  name: 'convergence',
  version: 1,
  computedBy: 'engine',
  activity: 'measureConvergence',
  precision: 'float32',
  sections,
  series: convergenceSeries,
  prefixes: ['convergence'],
  plan: { fitted },
  check,
  isChangedBy: ({ section }) => section === 'convergence' || section === 'attacks',
  work: ({ t, images, starts, steps, norm, ...path }) => ({
    variant: [norm, pathImagesText(path)],
    amount: t.length * images * starts * steps,
  }),
};
