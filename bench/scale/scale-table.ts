/** Costs against sizes as a table: time and memory of every dimension, with fixed part, slope and verdict. */
import { max, median, min } from 'simple-statistics';
import { markdownTable } from '../markdown.js';
import type { ScaleResult } from '../request.js';
import { dimensions, type DimensionName } from './dimensions.js';
import { judgeGrowth, type Growth, type Tolerance } from './fit.js';

export interface Scaled {
  readonly dimension: DimensionName;
  /** In order of size. */
  readonly results: readonly ScaleResult[];
}

/** Seconds; the smallest jobs take a few hundredths, and the command looks every half second. */
const timeTolerance: Tolerance = { relative: 0.25, absolute: 0.1 };
const commandTolerance: Tolerance = { relative: 0.25, absolute: 0.5 };
/** Megabytes: an allocator asks for memory in such pieces. */
const memoryTolerance: Tolerance = { relative: 0.25, absolute: 64 };

/** Of time, by the fastest sample of each size, since what disturbs only adds; and of memory. */
export function growths({ dimension, results }: Scaled): readonly [time: Growth, memory: Growth] {
  const isCommand = dimension === 'runs' || dimension === 'cached';
  const time = results.map(({ size, seconds }) => [size, min(seconds)] as const);
  const memory = results.map(({ size, peakMb }) => [size, peakMb] as const);
  return [
    judgeGrowth(time, isCommand ? commandTolerance : timeTolerance),
    judgeGrowth(memory, memoryTolerance),
  ];
}

const head = [
  'cost',
  'sizes',
  'n',
  's: median (least to most), smallest',
  'largest',
  'first time more, s',
  'fixed, s',
  'slope',
  'last doubling over linear',
  'memory: fixed, MB',
  'slope, kB',
  'last doubling over linear',
];

export function scaleTable(scaled: readonly Scaled[]): string {
  const fixed = scaled.map(({ dimension }) => {
    const { fixedTime, fixedMemory } = dimensions[dimension];
    return `- ${dimension}: ${fixedTime}; memory of ${fixedMemory}`;
  });
  const tolerances = `Tolerance: ${percent(timeTolerance.relative)} of the growing part; at least ${timeTolerance.absolute} s (${commandTolerance.absolute} s for commands), ${memoryTolerance.absolute} MB.`;
  return `${markdownTable(head, scaled.map(line))}\n\n${tolerances}\n\nFixed parts:\n\n${fixed.join('\n')}`;
}

function line(one: Scaled): string[] {
  const { dimension, results } = one;
  const { title, unit } = dimensions[dimension];
  const [first, last] = [results[0]!, results.at(-1)!];
  const [time, memory] = growths(one);
  return [
    `${dimension}: ${title}`,
    `${first.size} to ${last.size}`,
    String(first.seconds.length),
    spread(first.seconds),
    spread(last.seconds),
    (first.firstSeconds - median([...first.seconds])).toFixed(2),
    time.fixed.toFixed(3),
    `${perUnit(time.slope)} / ${unit}`,
    verdict(time),
    memory.fixed.toFixed(0),
    (memory.slope * 1024).toPrecision(2),
    verdict(memory),
  ];
}

/** Seconds of one unit in the unit that makes it readable. */
function perUnit(seconds: number): string {
  if (Math.abs(seconds) < 1e-6) return `${(seconds * 1e9).toPrecision(3)} ns`;
  if (Math.abs(seconds) < 1e-3) return `${(seconds * 1e6).toPrecision(3)} us`;
  return `${(seconds * 1e3).toPrecision(3)} ms`;
}

function spread(seconds: readonly number[]): string {
  const [middle, least, most] = [median, min, max].map((of) => of([...seconds]).toPrecision(2));
  return seconds.length === 1 ? middle! : `${middle} (${least} to ${most})`;
}

function verdict({ excess, isLinear }: Growth): string {
  return `${percent(excess)}${isLinear ? '' : ', EXCEEDS'}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
