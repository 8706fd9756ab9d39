/** Probes: runs that compute nothing, planned like all others. */
import type { ProbesConfig } from '../../config/probes.js';
import type { PlannedRun } from '../../records/runs.js';

/** In the order of their numbers, in which each comes after the one that it needs. */
export function probeRuns(
  { count, chain, seed, sleepMs, failEvery }: ProbesConfig,
  keyed: (run: Omit<PlannedRun, 'key'>) => PlannedRun,
): readonly PlannedRun[] {
  const digits = String(count - 1).length;
  const runs: PlannedRun[] = [];
  for (let index = 0; index < count; index++) {
    const before = index % chain === 0 ? undefined : runs[index - 1];
    const fails = failEvery !== undefined && (index + 1) % failEvery === 0;
    const run = keyed({
      name: `probe/${String(index).padStart(digits, '0')}`,
      queue: 'cpu',
      curve: null,
      summary: `probe ${index}`,
      needs: before ? [{ role: 'probe', run: before.key }] : [],
      spec: { kind: 'probe', seed, index, sleepMs, fails },
    });
    runs.push(run);
  }
  return runs;
}
