/** Attacks: adversarial examples of the network at each t of a fitted path. */
import { attackSeries } from '../catalogue/series/attack.js';
import { checkAttacks } from '../attacks/check-attacks.js';
import { attackWork, methodName, type AttackMethod } from '../attacks/index.js';
import { planAttack } from '../attacks/plan-attack.js';
import { describeDataset } from '../catalogue/own-dataset.js';
import type { BaseConfig } from '../config/base.js';
import type { Shared } from '../specs/fields.js';
import type { MeasurementSpec } from '../specs/path.js';
import { sourceName } from '../specs/run-name.js';
import { checkImages } from './checks/measurement.js';
import type { Draft, PathScope } from './draft.js';
import type { Kind, NoSections } from './kind.js';
import { grid } from './parts/grid.js';
import { pathImagesText } from './parts/images-text.js';
import { sortedEntries } from './parts/sorted.js';

export type AttackSpec = Shared &
  MeasurementSpec &
  AttackMethod & {
    readonly kind: 'attack';
    /** Also keep the adversarial examples of every t; absent: their outcomes alone. */
    readonly keepImages?: true;
  };

function fitted(config: BaseConfig, scope: PathScope): Draft<AttackSpec>[] {
  const limits = describeDataset(config.dataset);
  return sortedEntries(config.attacks).map(([name, attack]) => ({
    name: { ...scope.runName('attack'), part: name },
    summary: `attack ${scope.name} with ${name} (eps ${attack.epsilon}) at ${attack.points} points`,
    needs: scope.needs,
    spec: { kind: 'attack', ...planAttack(attack, limits), ...scope.along(grid(attack.points)) },
    summarisedAs: `attack:${name}`,
  }));
}

export const attack: Kind<AttackSpec, NoSections, 'engine', typeof attackSeries> = {
  name: 'attack',
  version: 5,
  computedBy: 'engine',
  activity: 'attackPath',
  precision: 'as-configured',
  sections: {},
  series: attackSeries,
  prefixes: ['attack'],
  plan: { fitted },
  check(config) {
    for (const [name, asked] of Object.entries(config.attacks)) {
      checkImages(config, `attacks.${name}`, { images: asked.images });
    }
    checkAttacks(config);
  },
  isChangedBy: ({ section, entry }, { part }) =>
    section === 'attacks' && (entry === '*' || entry === sourceName(part ?? '')),
  work: (spec) => ({
    variant: [...[methodName(spec), spec.norm], pathImagesText(spec)],
    amount: spec.t.length * spec.images * attackWork(spec),
  }),
};
