/** The table of `limits`: one line for each row of the speed table whose operations can be counted. */
import { markdownTable } from '../markdown.js';
import { precisions, type Precision } from '../request.js';
import type { Row } from '../rows.js';
import { summariseRounds, type Rounds } from '../spread.js';
import { hindrances, percent, type Share } from './hindrances.js';

export interface Limited {
  readonly row: Row;
  /** Operations of one unit of work. */
  readonly operations: number;
  /** Milliseconds of one unit. */
  readonly samples: Rounds;
  /** Operations per second of a large matrix product of that precision. */
  readonly peak: number;
  readonly shares: readonly Share[];
}

const head = [
  'batch 128',
  'GFLOP',
  'ms: median (min)',
  'GFLOP/s',
  'of the peak',
  'convolutions: forward, backward data, backward weights',
  'matrix products',
  'reorder',
  'pooling',
  'batch norm',
  'everything else',
  'in the way',
];

export function limitsTable(
  limited: readonly Limited[],
  peaks: Readonly<Record<Precision, number>>,
): string {
  const peakLines = precisions.map((precision) => `${precision} ${giga(peaks[precision])}`);
  const body = limited.map((one) => {
    const { row, operations, samples, peak, shares } = one;
    const { median, min } = summariseRounds(samples);
    return [
      // What PyTorch does on the other side matters nothing here.
      row.title.split(', against')[0]!,
      giga(operations),
      `${median.toPrecision(3)} (${min.toPrecision(3)})`,
      giga(achieved(one)),
      percent(achieved(one) / peak),
      ...columns(shares),
      hindrances(shares),
    ];
  });
  return `Peak, GFLOP/s: ${peakLines.join(', ')}\n\n${markdownTable(head, body)}`;
}

function columns(shares: readonly Share[]): string[] {
  const share = (...parts: readonly Share['part'][]): string =>
    percent(shares.filter(({ part }) => parts.includes(part)).reduce((sum, s) => sum + s.share, 0));
  const directions = ['convolution forward', 'backward data', 'backward weights'] as const;
  return [
    directions.map((direction) => share(direction)).join(', '),
    share('matrix product'),
    share('reorder'),
    share('pooling'),
    share('batch norm'),
    share('other primitives', 'outside oneDNN'),
  ];
}

function giga(value: number): string {
  return (value / 1e9).toPrecision(3);
}

/** Operations per second of the median. */
function achieved({ operations, samples }: Limited): number {
  return (operations * 1000) / summariseRounds(samples).median;
}
