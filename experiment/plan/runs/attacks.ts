/** An attack of the file as its runs know it. */
import {
  defaultSchedules,
  type AttackMethod,
  type AttackNorm,
  type SquareSchedule,
} from '../../catalogue/attack-methods.js';
import type { AttackConfig } from '../../config/attack.js';
import type { AttackSpec } from '../../records/measurements.js';
import { inNumbers, type InNumbers } from '../in-numbers.js';

/** Targets of the standard AutoAttack, where there are so many classes. */
const standardTargets = 9;

/** Without what the path says of every measurement. */
export type AttackPart = AttackMethod &
  Pick<AttackSpec, 'images' | 'keepImages'> & { readonly seed: number };

/** What says the same as to leave a field out is left out, so that it is the same run. */
export function attackPart(
  { points, keepImages = false, ...written }: AttackConfig,
  classes: number,
): AttackPart {
  void points;
  return { ...methodPart(inNumbers(written), classes), ...(keepImages ? { keepImages } : {}) };
}

type Unplaced<C> = C extends AttackConfig ? Omit<C, 'points' | 'keepImages'> : never;

function methodPart(config: InNumbers<Unplaced<AttackConfig>>, classes: number): AttackPart {
  switch (config.method) {
    case undefined:
    case 'pgd': {
      const { restarts = 1, loss = 'ce', confidence = 0, pixels = 1, ...rest } = config;
      const { method, checks, ...always } = rest;
      void method;
      return {
        ...always,
        ...(restarts === 1 ? {} : { restarts }),
        ...(loss === 'ce' ? {} : { loss }),
        ...(confidence === 0 ? {} : { confidence }),
        ...(pixels === 1 ? {} : { pixels }),
        ...(checks ? { checks: usual(checks, config.norm) } : {}),
      };
    }
    case 'apgd':
      return { ...config, checks: usual(config.checks, config.norm) };
    case 'fab':
      return {
        ...{ ...config, targets: config.targets ?? mostTargets(classes) },
        checks: usual(config.checks, config.norm),
      };
    case 'square':
      return usual(config, config.norm);
    case 'autoattack':
      return {
        ...usual(config, config.norm),
        targets: config.targets ?? mostTargets(classes),
      };
    default:
      throw new Error(`unknown attack ${JSON.stringify(config satisfies never)}`);
  }
}

function mostTargets(classes: number): number {
  return Math.min(standardTargets, classes - 1);
}

/** Without a schedule that is the norm's own. */
function usual<T extends { readonly schedule?: SquareSchedule | undefined }>(
  { schedule, ...rest }: T,
  norm: AttackNorm,
): Omit<T, 'schedule'> & { readonly schedule?: SquareSchedule } {
  const said = schedule !== undefined && schedule !== defaultSchedules[norm];
  return said ? { ...rest, schedule } : rest;
}
