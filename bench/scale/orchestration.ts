/** Runs that compute nothing, carried out by a stack of its own and then taken from the cache. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UserError } from '../../experiment/errors.js';
import { readyPath } from '../../settings/paths.js';
import { withOwnStack, type OwnStack } from '../own-stack.js';
import type { ScaleResult } from '../request.js';
import type { StackDimension } from './dimensions.js';

type Results = Readonly<Record<StackDimension, readonly ScaleResult[]>>;

/** Every size with runs of its own, once: a second time they are cached. */
export function measureOrchestration(
  sizes: readonly number[],
  say: (line: string) => void,
): Promise<Results> {
  return withOwnStack({}, async (stack) => {
    await stack.isthmus('up');
    const results: Record<StackDimension, ScaleResult[]> = { runs: [], cached: [] };
    for (const size of sizes) {
      for (const dimension of ['runs', 'cached'] as const) {
        say(`${dimension}: ${size}`);
        results[dimension].push(await carryOut(stack, dimension, size));
      }
    }
    return results;
  });
}

async function carryOut(
  { home, isthmus }: OwnStack,
  dimension: StackDimension,
  size: number,
): Promise<ScaleResult> {
  // The seed makes the runs of each size others; the name makes the experiment another one.
  const settings = { name: `${dimension}-${size}`, 'probes.count': size, 'probes.seed': size };
  const sets = Object.entries(settings).flatMap(([at, value]) => ['--set', `${at}=${value}`]);
  const { seconds, messages } = await isthmus('run', 'probes', ...sets);
  const wanted =
    dimension === 'runs' ? `is done: ${size} done` : `every run is done already (${size})`;
  if (!messages.includes(wanted)) {
    throw new UserError(
      'failed',
      `the experiment does not end with "${wanted}": ${messages.trim()}`,
    );
  }
  return { size, firstSeconds: seconds, seconds: [seconds], peakMb: workerPeakMb(home) };
}

function workerPeakMb(home: string): number {
  const { pid } = z
    .object({ pid: z.int() })
    .parse(JSON.parse(readFileSync(readyPath(home), 'utf8')));
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(peak![1]) / 1024;
}
