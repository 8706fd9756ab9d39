/** Summaries: minimum, maximum, mean, integral, barriers and correlations over the measurements of one path. */
import { summarySeries } from '../catalogue/series/summary.js';
import type { BaseConfig } from '../config/base.js';
import type { PathKind } from '../specs/fields.js';
import type { Draft, PathScope } from './draft.js';
import { commonActivity } from '../specs/activity.js';
import type { Kind, NoSections } from './kind.js';

export interface SummarySpec {
  readonly kind: 'summary';
  readonly path: PathKind;
  /** The validation images choose t between margin and 1 - margin; absent: t is not chosen. */
  readonly choice?: { readonly margin: number };
  /** Certificates are summarised too; absent: there are none. */
  readonly certified?: true;
}

function along(config: BaseConfig, scope: PathScope): Draft<SummarySpec>[] {
  const { path, title, measured, validation } = scope;
  return [
    {
      name: scope.runName('summary'),
      summary: `summarise ${title}`,
      needs: measured,
      spec: {
        ...{ kind: 'summary', path },
        ...(validation ? { choice: { margin: config.bonafide!.margin } } : {}),
        ...(measured.some(({ role }) => role.startsWith('certificate:'))
          ? { certified: true }
          : {}),
      },
    },
  ];
}

const summarisedSections = ['attacks', 'spectrum', 'certificates'];

export const summary: Kind<SummarySpec, NoSections, 'worker', typeof summarySeries> = {
  name: 'summary',
  version: 3,
  computedBy: 'worker',
  activity: commonActivity,
  precision: 'float32',
  sections: {},
  series: summarySeries,
  prefixes: ['summary'],
  plan: { fitted: along, line: along },
  check: null,
  isChangedBy: ({ section }, { part }) =>
    section === 'evaluation' || (part !== 'line' && summarisedSections.includes(section)),
  work: () => ({ variant: [], amount: 1 }),
};
