/** Views over the summary of a path, whose series are named after the series that they are statistics of. */
import {
  attackCorrelations,
  barrierStatistics,
  certifiedError,
  choices,
  correlations,
  lengthStatistics,
  summaryStatistics,
} from '../../../experiment/catalogue/series/summary.js';
import { curve, experiment, path } from './keys.js';
import { key, runKey, type ViewColumn, type ViewSource } from './view.js';

type Table = Readonly<Record<string, { readonly unit: string; readonly description: string }>>;

const pathStatistics: Table = { ...summaryStatistics, ...lengthStatistics };

const { min, max } = summaryStatistics;
const certifiedStatistics: Table = { min, max, ...barrierStatistics };

const kinds = ['summary'] as const;
const attack = key('attack', 'name.part[1]', 'Its name in the experiment file.');
const cleanOrAttack = key(
  'attack',
  'name.part[1]',
  'Its name in the experiment file; null for the clean evaluation.',
);
const series = key('series', 'name.part[2]');

/** The radius in a name of a certified error has a dot of its own: those have a view of theirs. */
const notCertified = `m."series" NOT LIKE '%.${certifiedError.replaceAll('_', '\\_')}:%'`;

/** Names of attacks may have dots, so that patterns read from the end. */
export const summaryViews: readonly ViewSource[] = [
  {
    name: 'v1_barriers',
    comment:
      'One row per experiment, curve, path, attack and series: how far it rises above its ends.',
    kinds,
    metrics: notCertified,
    pattern: `^(?:(.+)\\.)?([^.]+)\\.(${matchAny(barrierStatistics)})$`,
    columns: [
      ...[experiment, curve, path, cleanOrAttack, series],
      ...statisticColumns(barrierStatistics, 3),
      runKey,
    ],
  },
  {
    name: 'v1_correlations',
    comment:
      'One row per experiment, curve, attack, correlation and predictor: how robust_nll varies along t with a series of the spectrum.',
    kinds,
    pattern: `^(.+)\\.(${matchAny(correlations)})\\.([^.]+?)(?:\\.(low|high))?$`,
    columns: [
      ...[experiment, curve, attack],
      key(
        'correlation',
        'name.part[2]',
        'partial: the Pearson correlation given gradient_l1_mean.',
      ),
      key('predictor', 'name.part[3]', 'The series of the spectrum.'),
      end('value', 'IS NULL', null),
      end('low', "= 'low'", 'Lower end of the 95 % percentile interval by bootstrap over t.'),
      end('high', "= 'high'", 'Upper end of that interval.'),
      runKey,
      {
        ...end('n', 'IS NULL', 'Number of t; null in results from before it was stored.'),
        sql: 'max(m."n") FILTER (WHERE name.part[4] IS NULL)',
      },
    ],
  },
  {
    name: 'v1_statistics',
    comment:
      'One row per experiment, curve, path, attack and series: its statistics over the measured t.',
    kinds,
    metrics: notCertified,
    pattern: `^(?:(.+)\\.)?([^.]+)\\.(${matchAny(pathStatistics)})$`,
    columns: [
      ...[experiment, curve, path, cleanOrAttack, series],
      ...statisticColumns(pathStatistics, 3),
      runKey,
    ],
  },
  {
    name: 'v1_attack_correlations',
    comment:
      'One row per experiment, curve and attack: its correlation with the main predictor along t.',
    kinds,
    pattern: `^(.+)\\.(${matchAny(attackCorrelations)})$`,
    columns: [...[experiment, curve, attack], ...statisticColumns(attackCorrelations, 2), runKey],
  },
  {
    name: 'v1_choices',
    comment:
      'One row per experiment, curve, choice of a t and series: the value of the series there.',
    kinds,
    pattern: `^(${matchAny(choices)})\\.(.+)$`,
    columns: [
      ...[experiment, curve],
      key('choice', 'name.part[1]', choiceText()),
      key('series', 'name.part[2]', 't: the place itself.'),
      { ...end('value', 'IS NULL', null), sql: 'max(m."value")' },
      runKey,
    ],
  },
  {
    name: 'v1_certified_barriers',
    comment:
      'One row per experiment, curve, certificate, method and radius: how far certified error, 100 less certified accuracy, rises above its ends.',
    kinds,
    pattern: `^(.+)\\.${certifiedError}:([^:]+):([^:]+)\\.(${matchAny(certifiedStatistics)})$`,
    columns: [
      ...[experiment, curve],
      key('certificate', 'name.part[1]', 'Its name in the experiment file.'),
      key('method', 'name.part[2]', 'box, relative or lipschitz.'),
      key(
        'epsilon',
        'name.part[3]::double precision',
        'Radius of the ball in linf, in [0,1] pixel units.',
      ),
      ...statisticColumns(certifiedStatistics, 4),
      runKey,
    ],
  },
];

function matchAny(table: Readonly<Record<string, unknown>>): string {
  return Object.keys(table).join('|');
}

function statisticColumns(table: Table, part: number): readonly ViewColumn[] {
  return Object.entries(table).map(([name, { unit, description }]) => ({
    name,
    sql: `max(m."value") FILTER (WHERE name.part[${part}] = '${name}')`,
    comment: `${description.charAt(0).toUpperCase()}${description.slice(1)}${unit === 'series' ? ', in the unit of the series' : ''}.`,
    isKey: false,
  }));
}

function end(name: string, which: string, comment: string | null): ViewColumn {
  return {
    ...{ name, comment, isKey: false },
    sql: `max(m."value") FILTER (WHERE name.part[4] ${which})`,
  };
}

function choiceText(): string {
  const texts = Object.entries(choices).map(([choice, text]) => `${choice}: ${text}`);
  return `${texts.join('; ')}.`;
}
