/** The worst case over several attacks that a path's networks face on the same images, image by image. */
import { contradictionSeries, strongestSeries } from '../catalogue/series/strongest.js';
import type { BaseConfig } from '../config/base.js';
import { inNumbers } from '../in-numbers.js';
import { commonActivity } from '../specs/activity.js';
import type { PathKind } from '../specs/fields.js';
import type { Draft, PathScope } from './draft.js';
import { radii, type certificate } from './certificate.js';
import type { ConfigWith, Kind, NoSections } from './kind.js';
import { sortedEntries } from './parts/sorted.js';

export interface StrongestSpec {
  readonly kind: 'strongest';
  readonly path: PathKind;
  /** Names of attacks with one threat model, the same images and the same t. */
  readonly groups: readonly (readonly string[])[];
  /** Attacks that a certificate of their radius, images and t rules out; absent: there is no such certificate. */
  readonly certified?: readonly CertifiedAttacks[];
}

/** A certificate and the attacks that it rules out. */
export interface CertifiedAttacks {
  /** Name of the certificate. */
  readonly certificate: string;
  readonly epsilon: number;
  /** Names of attacks. */
  readonly attacks: readonly string[];
}

type AttackConfig = BaseConfig['attacks'][string];
type Config = ConfigWith<(typeof certificate)['sections']>;

function fitted(config: Config, scope: PathScope): Draft<StrongestSpec>[] {
  const groups = comparable(config.attacks);
  const certified = certifiedAttacks(config);
  if (groups.length === 0 && certified.length === 0) return [];
  const attacks = [...groups, ...certified.map((one) => one.attacks)];
  const roles = new Set([
    ...attacks.flat().map((name) => `attack:${name}`),
    ...certified.map((one) => `certificate:${one.certificate}`),
  ]);
  const listed = [...new Set(attacks.map((names) => names.join(', ')))].join('; ');
  return [
    {
      name: scope.runName('strongest'),
      summary: `worst case of ${listed} on ${scope.title}`,
      needs: scope.measured.filter(({ role }) => roles.has(role)),
      spec: {
        ...{ kind: 'strongest', path: scope.path, groups },
        ...(certified.length === 0 ? {} : { certified }),
      },
    },
  ];
}

/** For each certificate and each of its radii the attacks on the same images at the same t that it rules out. */
function certifiedAttacks({ attacks, certificates = {} }: Config): readonly CertifiedAttacks[] {
  return sortedEntries(certificates).flatMap(([certificate, { images, points, ...asked }]) =>
    radii(asked).flatMap((epsilon) => {
      const names = sortedEntries(attacks).flatMap(([name, attack]) => {
        if (attack.norm !== 'linf' || attack.images !== images) return [];
        const same = inNumbers(attack).epsilon === epsilon && attack.points === points;
        return same && !isTargeted(attack) ? [name] : [];
      });
      return names.length === 0 ? [] : [{ certificate, epsilon, attacks: names }];
    }),
  );
}

/** Two or more attacks each, by name; an attack towards a class fools nobody by being wrong. */
function comparable(attacks: BaseConfig['attacks']): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const name of Object.keys(attacks).sort()) {
    const attack = attacks[name]!;
    if (isTargeted(attack)) continue;
    const setting = settingOf(attack);
    groups.set(setting, [...(groups.get(setting) ?? []), name]);
  }
  return [...groups.values()].filter((names) => names.length > 1);
}

function isTargeted(attack: AttackConfig): boolean {
  return 'target' in attack && attack.target !== undefined;
}

function settingOf(attack: AttackConfig): string {
  const { norm, epsilon, images, points } = inNumbers(attack);
  return JSON.stringify([norm, epsilon, images, points]);
}

const series = { ...strongestSeries, ...contradictionSeries };

export const strongest: Kind<StrongestSpec, NoSections, 'worker', typeof series> = {
  name: 'strongest',
  version: 1,
  computedBy: 'worker',
  activity: commonActivity,
  precision: 'float32',
  sections: {},
  series,
  prefixes: ['strongest'],
  plan: { fitted },
  check: null,
  isChangedBy: ({ section }) => section === 'attacks' || section === 'certificates',
  work: () => ({ variant: [], amount: 1 }),
};
