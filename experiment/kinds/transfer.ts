/** Transfer: adversarial examples crafted at each t of a fitted path, evaluated at every t. */
import { z } from 'zod';
import { transferSeries } from '../catalogue/series/transfer.js';
import { craftedAttack, type CraftedAttack } from '../attacks/crafted-attack.js';
import { attackWork } from '../attacks/index.js';
import { describeDataset } from '../catalogue/own-dataset.js';
import { entryName, points } from '../config/fields.js';
import type { MeasurementSpec } from '../specs/path.js';
import { checkAttackName, checkImages } from './checks/measurement.js';
import type { Draft, PathScope } from './draft.js';
import type { ConfigWith, Kind } from './kind.js';
import { grid } from './parts/grid.js';
import { pathImagesText } from './parts/images-text.js';

/** The attack crafted at every t, evaluated at every t. */
export interface TransferSpec extends MeasurementSpec {
  readonly kind: 'transfer';
  readonly attack: CraftedAttack;
}

const sections = {
  transfer: z
    .strictObject({
      attack: entryName.describe('one of the attacks of this file'),
      points: points.default(5),
      images: z
        .int()
        .min(1)
        .optional()
        .describe('number of test images, from the first (default: as many as the attack has)'),
    })
    .optional()
    .describe('craft an attack at each t of each fitted curve, and evaluate it at every other t'),
};

type Config = ConfigWith<typeof sections>;

function fitted(config: Config, { name, needs, along, runName }: PathScope): Draft<TransferSpec>[] {
  if (!config.transfer) return [];
  const { attack, points, images = config.attacks[attack]!.images } = config.transfer;
  return [
    {
      name: runName('transfer'),
      summary: `transfer of ${attack} between ${points} points of ${name}`,
      needs,
      spec: {
        ...{
          kind: 'transfer',
          attack: craftedAttack(config.attacks[attack]!, describeDataset(config.dataset)),
          images,
        },
        ...along(grid(points)),
      },
    },
  ];
}

export const transfer: Kind<TransferSpec, typeof sections, 'engine', typeof transferSeries> = {
  name: 'transfer',
  version: 4,
  computedBy: 'engine',
  activity: 'transferAttack',
  precision: 'as-configured',
  sections,
  series: transferSeries,
  prefixes: ['transfer'],
  plan: { fitted },
  check(config) {
    if (!config.transfer) return;
    checkAttackName(config, 'transfer', config.transfer.attack);
    checkImages(config, 'transfer', config.transfer);
  },
  isChangedBy: ({ section }) => section === 'transfer' || section === 'attacks',
  work: ({ t, images, attack, ...path }) => ({
    variant: [pathImagesText(path)],
    amount: t.length * images * (attackWork(attack) + t.length),
  }),
};
