/** Times of the engine and of PyTorch on the same device, in turn, and the memory that both hold. */
import { z } from 'zod';
import { UserError } from '../../../experiment/errors.js';
import { alternate, type Measured, type Sides } from '../../alternate.js';
import { describeSides } from '../../machine.js';
import type { Peer } from '../../peers/peer.js';
import type { BenchModel } from '../../request.js';
import { compareRounds } from '../../spread.js';
import { times } from '../../timing-table.js';
import {
  precisionsOn,
  startOwn,
  startPeerOf,
  type ProofContext,
  type ProofPrecision,
} from '../context.js';
import { drawOnce } from '../drawn-inputs.js';
import type { Tell } from '../findings.js';
import { processMemory } from '../memory.js';
import { speedRow, worksIn } from '../speed-rows.js';

const rounds = { gpu: 3, cpu: 2 } as const;
/** Work that ends before the limit is told; work that is killed is not. */
const reserveSeconds = 5;

interface Group {
  readonly model: BenchModel;
  readonly precision: ProofPrecision;
}

/** Each group in processes of its own, so that their memory is that of one network. */
export async function speed(context: ProofContext, tell: Tell): Promise<void> {
  let longestSeconds = 0;
  for (const precision of precisionsOn(context.device)) {
    for (const model of context.models) {
      const before = context.secondsLeft();
      if (before < reserveSeconds + longestSeconds) {
        return tell({ note: `no time for ${model} in ${precision} and what comes after it` });
      }
      try {
        await measureGroup(context, { model, precision }, tell);
      } catch (error) {
        tellFailure({ model, precision }, error, tell);
      }
      longestSeconds = Math.max(longestSeconds, before - context.secondsLeft());
    }
  }
}

async function measureGroup(context: ProofContext, group: Group, tell: Tell): Promise<void> {
  const { model, precision } = group;
  const inputs = await drawOnce(model, context.work);
  const own = startOwn(context, { name: `speed-${model}-${precision}`, precision });
  const pytorch = startPeerOf(context, precision);
  try {
    const sides = { own, others: await answering(pytorch, group, tell) };
    tell({ table: 'versions', row: { model, precision, versions: await describeSides(sides) } });
    for (const [i, work] of worksIn(precision).entries()) {
      const row = speedRow(context.device, model, work, precision);
      const measured = await measure(context, sides, row, { ...group, inputs }, tell);
      if (measured !== null) tellTimes(measured, precision, tell);
      if (i === 0) await tellMemory(context, sides, group, 'the training steps', tell);
    }
    await tellMemory(context, sides, group, 'all rows', tell);
  } finally {
    await Promise.all([own.close(), pytorch?.close()]);
  }
}

/** Without PyTorch where it does not start: our own figures are worth having. */
async function answering(pytorch: Peer | null, group: Group, tell: Tell): Promise<Sides['others']> {
  if (pytorch === null) return {};
  try {
    await pytorch.ask({ command: 'about' });
    return { tuned: pytorch };
  } catch (error) {
    tellFailure(group, error, tell);
    return {};
  }
}

function tellFailure({ model, precision }: Group, error: unknown, tell: Tell): void {
  if (!(error instanceof UserError)) throw error;
  tell({ problem: `${model} in ${precision}: ${error.message}` });
}

/** Ours alone where PyTorch cannot; null where we cannot. */
async function measure(
  { device }: ProofContext,
  sides: Sides,
  row: Measured['row'],
  { inputs, ...group }: Group & { readonly inputs: string },
  tell: Tell,
): Promise<Measured | null> {
  const attempts = Object.keys(sides.others).length > 0 ? [sides.others, {}] : [{}];
  for (const others of attempts) {
    try {
      return await alternate({ ...sides, others }, row, inputs, rounds[device]);
    } catch (error) {
      tellFailure(group, error, tell);
    }
  }
  return null;
}

function tellTimes({ row, own, others }: Measured, precision: ProofPrecision, tell: Tell): void {
  const { tuned } = others;
  const ratio = tuned && compareRounds(tuned, own);
  tell({
    table: 'times',
    row: {
      ...{ model: row.model, work: row.title, precision },
      'Isthmus, ms: median (quartiles; min)': times(own),
      'PyTorch, ms': tuned ? times(tuned) : 'none here',
      'times as fast (rounds)': ratio
        ? `${ratio.value.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`
        : '',
    },
    samples: { isthmus: own, ...(tuned ? { pytorch: tuned } : {}) },
  });
}

async function tellMemory(
  { device }: ProofContext,
  { own, others: { tuned } }: Sides,
  { model, precision }: Group,
  after: string,
  tell: Tell,
): Promise<void> {
  const megabytes = (value: number | null): string =>
    value === null ? 'not known' : value.toFixed(0);
  const tensors = tuned
    ? z
        .number()
        .nullable()
        .parse(await tuned.ask({ command: 'memory' }))
    : null;
  tell({
    table: 'memory',
    row: {
      ...{ model, precision, after },
      'Isthmus, MB': megabytes(processMemory(device, own.pid)),
      'PyTorch, MB': tuned ? megabytes(processMemory(device, tuned.pid)) : 'none here',
      'PyTorch, tensors at most, MB': tuned ? megabytes(tensors) : 'none here',
    },
  });
}
