/** `npm run bench -- limits`: achieved operations per second, their share of the peak, and where the time goes. */
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { modelLayers } from '../../experiment/catalogue/models/index.js';
import { alternate } from '../alternate.js';
import { makeInputs } from '../inputs.js';
import { batchSize, classes, imageShapes } from '../isthmus/sizes.js';
import { describeSides, warnOfLoad } from '../machine.js';
import { startVerboseIsthmus } from '../peers/isthmus.js';
import type { Peer } from '../peers/peer.js';
import type { Precision } from '../request.js';
import { selectRows, type Row, type TableName } from '../rows.js';
import { withSides } from '../sides.js';
import { limitsTable, type Limited } from './limits-table.js';
import { forwardOperations, workOperations } from './operations.js';
import { timeShares } from './hindrances.js';
import {
  parsePrimitive,
  sumGroups,
  verbosePrefix,
  type Group,
  type GroupSum,
  type Primitive,
} from './verbose.js';

export interface LimitsOptions {
  readonly tables: readonly TableName[];
  readonly precisions: readonly Precision[];
  readonly rounds: number;
  readonly threads: number;
  readonly json?: string;
}

export async function limits(options: LimitsOptions, say: (line: string) => void): Promise<void> {
  warnOfLoad(say);
  const { about, counted } = await withSides({ ...options, pytorch: false }, async (sides) => ({
    about: await describeSides(sides),
    counted: await countRows(sides.own, options, say),
  }));
  const peaks = highestPeaks(counted);
  const limited = counted.map(({ sums, wallMs, ...one }): Limited => {
    const peak = peaks[one.row.precision];
    return { ...one, peak, shares: timeShares(sums, wallMs, peak) };
  });
  console.log(`${about}; ${options.rounds} rounds\n\n${limitsTable(limited, peaks)}`);
  if (options.json) {
    writeFileSync(options.json, `${JSON.stringify({ about, peaks, limited }, null, 1)}\n`);
  }
}

type Peaks = Readonly<Record<Precision, number>>;

/** One row as measured. */
interface Counted extends Omit<Limited, 'peak' | 'shares'> {
  readonly sums: ReadonlyMap<Group, GroupSum>;
  /** Milliseconds of the block that oneDNN's times are from. */
  readonly wallMs: number;
  /** Operations per second of the matrix products that ran before this row. */
  readonly peaks: Peaks;
}

/** The highest: disturbances only lower it. */
function highestPeaks(counted: readonly Counted[]): Peaks {
  const highest = (precision: Precision): number =>
    Math.max(...counted.map(({ peaks }) => peaks[precision]));
  return { float32: highest('float32'), bfloat16: highest('bfloat16') };
}

async function measurePeaks(own: Peer): Promise<Peaks> {
  const measure = async (precision: Precision): Promise<number> =>
    z.number().parse(await own.ask({ command: 'peak', precision }));
  return { float32: await measure('float32'), bfloat16: await measure('bfloat16') };
}

/** Each work once, where its operations can be counted. Evaluation computes in float32 whatever the precision. */
export function limitedRows(
  tables: readonly TableName[],
  asked: readonly Precision[],
): readonly (readonly [Row, operations: number])[] {
  const works = new Set<string>();
  return selectRows(tables, asked).flatMap((row) => {
    const operations = rowOperations(row);
    const work = [row.model, row.own, row.own === 'forward' ? '' : row.precision].join();
    if (operations === null || works.has(work)) return [];
    works.add(work);
    return [[row, operations] as const];
  });
}

/** Operations of one unit of a row's work: a whole batch; null where their number depends on data or iterations. */
function rowOperations({ model, own }: Row): number | null {
  const layers = modelLayers(model);
  if (layers.some(({ kind }) => kind === 'implicit')) return null;
  const forward = forwardOperations(layers, imageShapes[model], classes);
  const perImage = workOperations(own, forward, classes);
  return perImage === null ? null : batchSize * perImage;
}

async function countRows(
  own: Peer,
  options: LimitsOptions,
  say: (line: string) => void,
): Promise<Counted[]> {
  const counted: Counted[] = [];
  const lines: string[] = [];
  const verbose = startVerboseIsthmus(options.threads, (line) => {
    if (!line.startsWith(verbosePrefix)) return false;
    lines.push(line);
    return true;
  });
  try {
    for (const [row, operations] of limitedRows(options.tables, options.precisions)) {
      say(row.title);
      const inputs = await makeInputs(own, row.model);
      const peaks = await measurePeaks(own);
      const { own: samples } = await alternate({ own, others: {} }, row, inputs, options.rounds);
      const { primitives, wallMs } = await logPrimitives(verbose, lines, row, inputs);
      counted.push({ row, operations, samples, sums: sumGroups(primitives), wallMs, peaks });
    }
  } finally {
    await verbose.close();
  }
  return counted;
}

/** Primitives of one block after what is compiled on first use. */
async function logPrimitives(
  verbose: Peer,
  lines: string[],
  { model, precision, own: work, block }: Row,
  inputs: string,
): Promise<{ primitives: readonly Primitive[]; wallMs: number }> {
  const request = { command: 'time', work, model, precision, inputs };
  await verbose.ask({ ...request, ...block, repeat: 1 });
  lines.length = 0;
  const begunMs = performance.now();
  await verbose.ask({ ...request, warm: 0, repeat: 3, calls: block.calls });
  const wallMs = performance.now() - begunMs;
  const primitives = lines.map(parsePrimitive).filter((primitive) => primitive !== null);
  return { primitives, wallMs };
}
