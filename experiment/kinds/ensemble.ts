/** Ensembles: the networks at several t of a fitted path as one classifier. */
import { z } from 'zod';
import { ensembleSeries } from '../catalogue/series/ensemble.js';
import { craftedAttack, type CraftedAttack } from '../attacks/crafted-attack.js';
import { attackWork } from '../attacks/index.js';
import { describeDataset } from '../catalogue/own-dataset.js';
import { entryName, fraction } from '../config/fields.js';
import type { MeasurementSpec } from '../specs/path.js';
import { checkAttackName, checkImages } from './checks/measurement.js';
import type { Draft, PathScope } from './draft.js';
import type { ConfigWith, Kind } from './kind.js';
import { grid } from './parts/grid.js';
import { pathImagesText } from './parts/images-text.js';

/** The networks at every t as one classifier, by their mean output. */
export interface EnsembleSpec extends MeasurementSpec {
  readonly kind: 'ensemble';
  /** Against the ensemble, and transferred from each member to the ensemble; absent: none. */
  readonly attack?: CraftedAttack;
  /** As in the paper's code: Σ logits / (members - 1); absent: the mean of the softmax outputs. */
  readonly combination?: 'published';
  /** Also against a defender that answers with one member, drawn at random; with `attack`. */
  readonly randomMember?: true;
}

const fewest = 2;
const most = 101;
const defaultMembers = 11;

const ensembleSection = z
  .strictObject({
    members: z
      .array(fraction)
      .min(fewest)
      .max(most)
      .optional()
      .describe('values of t in [0,1], ascending; or give points'),
    points: z
      .int()
      .min(fewest)
      .max(most)
      .optional()
      .describe('number of equally spaced values of t (default 11, without members)'),
    attack: entryName
      .optional()
      .describe('one of the attacks of this file, against the mean output and from each member'),
    images: z.int().min(1).describe('number of test images, from the first'),
    randomMember: z
      .boolean()
      .optional()
      .describe(
        'also attack a defender that answers each request with one member drawn at random, by expectation over the draw (default false)',
      ),
    compat: z
      .enum(['published'])
      .optional()
      .describe(
        "published: the sum of the logits over one less than the number of members, as in the paper's code, instead of the mean of the softmax outputs",
      ),
  })
  .refine(({ members, points }) => members === undefined || points === undefined, {
    path: ['points'],
    message: 'give members or points, not both',
  })
  .refine(({ randomMember, attack }) => !randomMember || attack !== undefined, {
    path: ['randomMember'],
    message: 'says what is attacked; name an attack',
  })
  .refine(({ members = [] }) => members.every((t, i) => i === 0 || t > members[i - 1]!), {
    path: ['members'],
    message: 'write each t once, in ascending order',
  });

const sections = {
  ensemble: ensembleSection
    .optional()
    .describe('the mean output of the networks at several t of each fitted curve'),
};

type Config = ConfigWith<typeof sections>;

function fitted(config: Config, { name, needs, along, runName }: PathScope): Draft<EnsembleSpec>[] {
  const { ensemble: asked } = config;
  if (!asked) return [];
  const { points = defaultMembers, members = grid(points), attack, compat } = asked;
  const spec: EnsembleSpec = {
    ...{ kind: 'ensemble', images: asked.images, ...along(members) },
    ...(attack === undefined
      ? {}
      : { attack: craftedAttack(config.attacks[attack]!, describeDataset(config.dataset)) }),
    ...(compat === 'published' ? { combination: compat } : {}),
    ...(asked.randomMember ? { randomMember: true } : {}),
  };
  const summary = `ensemble of ${members.length} networks on ${name}`;
  return [{ name: runName('ensemble'), summary, needs, spec }];
}

export const ensemble: Kind<EnsembleSpec, typeof sections, 'engine', typeof ensembleSeries> = {
  name: 'ensemble',
  version: 4,
  computedBy: 'engine',
  activity: 'evaluateEnsemble',
  precision: 'as-configured',
  sections,
  series: ensembleSeries,
  prefixes: ['ensemble'],
  plan: { fitted },
  check(config) {
    if (!config.ensemble) return;
    if (config.ensemble.attack !== undefined) {
      checkAttackName(config, 'ensemble', config.ensemble.attack);
    }
    checkImages(config, 'ensemble', config.ensemble);
  },
  isChangedBy: ({ section }) => section === 'ensemble' || section === 'attacks',
  work: ({ t, images, attack, ...path }) => ({
    variant: [pathImagesText(path)],
    amount: t.length * images * (1 + 2 * (attack ? attackWork(attack) : 0)),
  }),
};
