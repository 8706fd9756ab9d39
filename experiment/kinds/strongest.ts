/** The worst case over several attacks that a path's networks face on the same images, image by image. */
import { strongestSeries } from '../catalogue/series/strongest.js';
import type { BaseConfig } from '../config/base.js';
import { inNumbers } from '../in-numbers.js';
import { commonActivity } from '../specs/activity.js';
import type { PathKind } from '../specs/fields.js';
import type { Draft, PathScope } from './draft.js';
import type { Kind, NoSections } from './kind.js';

export interface StrongestSpec {
  readonly kind: 'strongest';
  readonly path: PathKind;
  /** Names of attacks with one threat model, the same images and the same t. */
  readonly groups: readonly (readonly string[])[];
}

type AttackConfig = BaseConfig['attacks'][string];

function fitted(config: BaseConfig, scope: PathScope): Draft<StrongestSpec>[] {
  const groups = comparable(config.attacks);
  if (groups.length === 0) return [];
  const roles = new Set(groups.flat().map((name) => `attack:${name}`));
  return [
    {
      name: scope.runName('strongest'),
      summary: `worst case of ${groups.map((names) => names.join(', ')).join('; ')} on ${scope.title}`,
      needs: scope.measured.filter(({ role }) => roles.has(role)),
      spec: { kind: 'strongest', path: scope.path, groups },
    },
  ];
}

/** Two or more attacks each, by name; an attack towards a class fools nobody by being wrong. */
function comparable(attacks: BaseConfig['attacks']): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const name of Object.keys(attacks).sort()) {
    const attack = attacks[name]!;
    if ('target' in attack && attack.target !== undefined) continue;
    const setting = settingOf(attack);
    groups.set(setting, [...(groups.get(setting) ?? []), name]);
  }
  return [...groups.values()].filter((names) => names.length > 1);
}

function settingOf(attack: AttackConfig): string {
  const { norm, epsilon, images, points } = inNumbers(attack);
  return JSON.stringify([norm, epsilon, images, points]);
}

export const strongest: Kind<StrongestSpec, NoSections, 'worker', typeof strongestSeries> = {
  name: 'strongest',
  version: 1,
  computedBy: 'worker',
  activity: commonActivity,
  precision: 'float32',
  sections: {},
  series: strongestSeries,
  prefixes: ['strongest'],
  plan: { fitted },
  check: null,
  isChangedBy: ({ section }) => section === 'attacks',
  work: () => ({ variant: [], amount: 1 }),
};
